use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{TargetScope, Who};

/// A service sees who is connected to it, and that is never a browser.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(409),
    title: "the address of what came through a gateway is that of the gateway",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0409.md"),
};

/// `gateway` with `cidr` in the access to a service.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for entry in subject.program.entries() {
        if matches!(entry.target.scope, TargetScope::Gateway(_)) {
            continue;
        }
        for caller in entry.callers() {
            if let (Who::Gateway(gateway), Some(cidr)) = (&caller.who, &caller.cidr) {
                let message = format!("here the peer is the gateway `{}` itself", gateway.value);
                out.push(
                    Diagnostic::new(&INFO, cidr.span, message)
                        .label(gateway.span, "what came through this gateway")
                        .help("judge the client's address in an `Access` about the gateway"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn gateway_address() {
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
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - from:
        - gateway: edge
          cidr: 203.0.113.0/24 # expect: M0409
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: reviews}]}]}
",
        );
    }
}
