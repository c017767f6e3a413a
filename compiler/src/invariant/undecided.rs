use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::lower::Claim;

/// A bound was reached: nobody may take silence for a proof.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1203),
    title: "an invariant is not decided",
    severity: Severity::Warning,
    page: include_str!("../../../docs/diagnostics/M1203.md"),
};

pub(super) fn found(name: &str, claim: &Claim, why: &[String]) -> Diagnostic {
    let message = format!("whether the invariant `{name}` holds is not decided");
    let found = Diagnostic::new(&INFO, claim.span.start(), message);
    found.help(why.join("\n"))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_gateway_is_followed_by_examples_only() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {listeners: [{name: web, port: 80, hosts: [shop.example]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: reviews}]}]}
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: public}]}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{gateway: edge}], match: [{paths: [/reviews]}]}]}
---
kind: Invariant
metadata: {name: no-admin}
spec:
  never:
    - {from: [{anyone: true}], to: [{gateway: edge.shop}], match: [{paths: [/admin]}]} # expect: M1203
",
        );
    }
}
