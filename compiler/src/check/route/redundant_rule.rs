use super::overlap::head;
use crate::algebra::Finding;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Rule;

/// Two rules that say one thing: whoever changes one will wonder about the other.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(503),
    title: "a rule says what another says",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0503.md"),
};

/// Pairs of rules with the same requests and the same outcome.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for routes in subject.lowered.routes.values() {
        let rules: Vec<&Rule> = routes.rules().map(|(written, _)| written).collect();
        for finding in &routes.findings {
            let Finding::Redundant { first, second } = finding else {
                continue;
            };
            let mut pair = [rules[*first], rules[*second]];
            pair.sort_by_key(|rule| rule.span);
            let message = "this rule says the same as another";
            out.push(
                Diagnostic::new(&INFO, head(pair[1]), message)
                    .label(head(pair[0]), "the other one")
                    .help("remove one of the two"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn weights_are_compared_as_shares() {
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
    - name: one
      to: [{version: v1, weight: 1}, {version: v2, weight: 3}]
    - name: two # expect: M0503
      to: [{version: v2, weight: 75}, {version: v1, weight: 25}]
",
        );
    }
}
