use super::overlap::head;
use crate::algebra::Finding;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Rule;

/// A rule that is about nothing says nothing, whatever its author meant.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(514),
    title: "a rule that no request can match",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0514.md"),
};

/// Rules whose conditions exclude each other.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for routes in subject.lowered.routes.values() {
        let rules: Vec<&Rule> = routes.rules().map(|(written, _)| written).collect();
        for finding in &routes.findings {
            if let Finding::Empty { rule } = finding {
                out.push(
                    Diagnostic::new(&INFO, head(rules[*rule]), "no request can match this rule")
                        .help("look at what its `match` demands and what its `not` takes away"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn conditions_that_exclude_each_other_match_nothing() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - {name: rest, to: [{version: v1}]}
    - name: no-slash # expect: M0514
      match: [{paths: [{regex: 'api/.*'}]}]
      timeout: 1s
    - name: nothing-left # expect: M0514
      match: [{paths: [/api/*], not: [{paths: [/api/**]}]}]
      timeout: 2s
    - name: something-left
      match: [{paths: [/b/**], not: [{paths: [/b/*]}]}]
      timeout: 3s
",
        );
    }
}
