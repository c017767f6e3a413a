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

/// The most rules that are pointed at beside the dead one.
const MAX_LABELS: usize = 5;

/// Rules whose every request a rule of higher priority or greater depth takes.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for routes in subject.lowered.routes.values() {
        let rules: Vec<&Rule> = routes.rules().map(|(written, _)| written).collect();
        for finding in &routes.findings {
            if let Finding::Dead { rule, by } = finding {
                let message = "this rule never decides: others take all of its requests";
                let found = Diagnostic::new(&INFO, head(rules[*rule]), message);
                let text = if by.len() == 1 {
                    "this one takes all"
                } else {
                    "this one takes some"
                };
                let shown = by.iter().take(MAX_LABELS);
                let found = shown.fold(found, |found, it| found.label(head(rules[*it]), text));
                out.push(found.help("remove the rule, or look at the `priority` of the others"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn rules_that_take_all_of_it_together_are_named() {
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
    - name: digits # expect: M0504
      match: [{paths: [{regex: '/[0-9]'}]}]
      to: [{version: v1}]
    - {name: low, match: [{paths: [{regex: '/[0-4]'}]}], to: [{version: v2}]}
    - {name: high, match: [{paths: [{regex: '/[5-9]'}]}], to: [{version: v2}], timeout: 1s}
    - {name: rest, to: [{version: v1}]}
",
        );
    }

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
