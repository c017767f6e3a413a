use super::overlap::head;
use crate::algebra::Finding;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Rule;

/// The comparison of rules has bounds; what lies beyond them is said, not guessed.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(515),
    title: "whether this rule ever decides could not be told",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0515.md"),
};

/// Rules that are too intricate to be compared with those before them.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for routes in subject.lowered.routes.values() {
        let rules: Vec<&Rule> = routes.rules().map(|(written, _)| written).collect();
        for finding in &routes.findings {
            if let Finding::Open { rule, why } = finding
                && !why.is_said_elsewhere()
            {
                let message = "whether this rule ever decides could not be told";
                out.push(
                    Diagnostic::new(&INFO, head(rules[*rule]), message)
                        .marked(why.to_string())
                        .help("write plainer patterns: segments and `*` instead of a regex"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_regex_beyond_the_bound_is_not_compared() {
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
    - name: wide # expect: M0515
      match: [{paths: [{regex: '(?i)/(a|b)*a(a|b){16}'}]}]
      to: [{version: v1}]
",
        );
    }
}
