use super::example;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::lower::Claim;
use crate::prove::Counterexample;

/// Whoever wrote the invariant relies on it: nothing that breaks it may run.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1201),
    title: "what an invariant forbids is let through",
    severity: Severity::Error,
    page: include_str!("../../../docs/diagnostics/M1201.md"),
};

pub(super) fn found(name: &str, claim: &Claim, shown: &[Counterexample]) -> Option<Diagnostic> {
    let first = shown.first()?;
    let message = format!(
        "`{}` is let through to `{}`: `{name}`",
        first.from, first.to
    );
    let found = Diagnostic::new(&INFO, claim.span.start(), message);
    Some(found.help(example(shown)))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const SHOP: &str = "
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: payments, namespace: pay}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: payments, namespace: pay}
spec:
  service: payments
  allow:
    - from: [{service: page.shop}]
      match: [{methods: [POST], paths: [/pay]}]
---
kind: Invariant
metadata: {name: closed}
spec:
  never:
";

    #[test]
    fn what_is_let_through_is_named_with_a_request() {
        check(&format!(
            "{SHOP}    - {{from: [{{namespace: shop}}], to: [{{service: payments.pay}}]}} # expect: M1201\n"
        ));
    }

    #[test]
    fn what_no_entry_allows_is_proved() {
        check(&format!(
            "{SHOP}    - {{from: [{{namespace: dev}}], to: [{{service: payments.pay}}]}}
    - {{from: [{{anyone: true}}], to: [{{namespace: pay}}], match: [{{methods: [GET]}}]}}\n"
        ));
    }
}
