use super::overlap::head;
use crate::algebra::Finding;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Rule;

/// Rules that come first take everything that this one is about.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(504),
    title: "a rule that never decides",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0504.md"),
};

/// Rules whose every request a rule of higher priority or greater depth takes.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for routes in subject.lowered.routes.values() {
        let rules: Vec<&Rule> = routes.rules().map(|(written, _)| written).collect();
        for finding in &routes.findings {
            if let Finding::Dead { rule, by } = finding {
                let message = "this rule never decides: others take all of its requests";
                out.push(
                    Diagnostic::new(&INFO, head(rules[*rule]), message)
                        .label(head(rules[*by]), "such as this one")
                        .help("remove the rule, or look at the `priority` of the others"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_higher_priority_takes_what_it_contains() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - name: all
      priority: 1
      to: [{version: v1}]
    - name: some # expect: M0504
      match: [{paths: [/x]}]
      to: [{version: v2}]
",
        );
    }
}
