use super::example;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::lower::Claim;
use crate::prove::Counterexample;

/// Whoever wrote the invariant relies on it: what must always work may not be closed.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1202),
    title: "what an invariant demands is not let through",
    severity: Severity::Error,
    page: include_str!("../../../docs/diagnostics/M1202.md"),
};

pub(super) fn found(name: &str, claim: &Claim, shown: &[Counterexample]) -> Option<Diagnostic> {
    let first = shown.first()?;
    let message = format!(
        "`{}` is not let through to `{}`: `{name}`",
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
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - from: [{service: page}]
      match: [{methods: [GET], paths: [/reviews/*]}]
---
kind: Invariant
metadata: {name: open}
spec:
  always:
";

    #[test]
    fn what_is_refused_is_named_with_a_request() {
        check(&format!(
            "{SHOP}    - {{from: [{{service: page.shop}}], to: [{{service: reviews.shop}}]}} # expect: M1202\n"
        ));
    }

    #[test]
    fn what_an_entry_allows_is_proved() {
        check(&format!(
            "{SHOP}    - {{from: [{{service: page.shop}}], to: [{{service: reviews.shop}}], match: [{{methods: [GET], paths: [/reviews/7]}}]}}\n"
        ));
    }

    #[test]
    fn what_no_route_takes_is_refused() {
        check(&format!(
            "kind: Route
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, rules: [{{match: [{{paths: [/reviews/1]}}]}}]}}
---{SHOP}    - {{from: [{{service: page.shop}}], to: [{{service: reviews.shop}}], match: [{{methods: [GET], paths: [/reviews/*]}}]}} # expect: M1202\n"
        ));
    }
}
