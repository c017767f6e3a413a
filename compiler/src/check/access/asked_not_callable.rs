use mesh_ir::{Role, Scope, ServiceRef, Subject as Spoken};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Whoever enforces a document asks as any caller does: no proxy can carry out a document
/// whose authorizer is not in its view.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(609),
    title: "whoever must ask this service may not call it",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0609.md"),
};

/// Authorizers, and providers of limits, that somebody who enforces the document does not
/// have in view.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    for access in subject.lowered.access.values().filter(|it| !it.ir.shadow) {
        if let (Some(written), Some(meant)) =
            (&access.object.spec.authorizer, &access.ir.authorizer)
        {
            let asked = (&meant.service, written.service.span);
            out.extend(found(subject, &access.ir.target.scope, asked));
        }
    }
    for limits in subject.lowered.limits.values() {
        if let (Some(written), Some(meant)) = (&limits.object.spec.provider, &limits.ir.provider) {
            let asked = (&meant.service, written.service.span);
            out.extend(found(subject, &limits.ir.target.scope, asked));
        }
    }
}

fn found(
    subject: &Subject<'_>,
    scope: &Scope,
    (asked, at): (&ServiceRef, Span),
) -> Option<Diagnostic> {
    let blind = |role: &&Role| {
        let serves_it = role.serves.contains(asked);
        !serves_it && enforces(role, scope) && role.calls.binary_search(asked).is_err()
    };
    let role = subject.roles.iter().find(blind)?;
    let service = role.serves.first().map(ToString::to_string);
    let who = service.or_else(|| role.gateways.first().map(|it| it.name.to_string()))?;
    let message = format!("`{who}` must ask `{asked}` and may not call it");
    let help = format!("allow it in an `Access` about `{asked}`, and in `calls` if it has them");
    Some(Diagnostic::new(&INFO, at, message).help(help))
}

fn enforces(role: &Role, scope: &Scope) -> bool {
    let services = role.serves.iter().map(Spoken::Service);
    let mut own = services.chain(role.gateways.iter().map(Spoken::Gateway));
    own.any(|it| scope.is_about(it))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const SHOP: &str = "
kind: Service
metadata: {name: authz, namespace: shop}
spec: {ports: {grpc: 90}}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {listeners: [{name: web, port: 80, hosts: [shop.example]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: a}]}]}
---
kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, allow: [{from: [{gateway: edge}]}]}
---
";

    #[test]
    fn who_asks_calls() {
        check(&format!(
            "{SHOP}kind: Access
metadata: {{name: edge, namespace: shop}}
spec: {{gateway: edge, allow: [{{from: [{{anyone: true, reason: public}}]}}]}}
---
kind: Access
metadata: {{name: asked, namespace: shop}}
spec:
  service: a
  authorizer:
    service: authz # expect: M0609
    protocol: grpc
---
kind: RateLimit
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  provider:
    service: authz # expect: M0609
    domain: shop
  limits: [{{rate: 10/s, scope: fleet}}]
"
        ));
    }

    #[test]
    fn a_gateway_sees_whom_it_asks_where_access_lets_it() {
        let text = |from: &str, finding: &str| {
            format!(
                "{SHOP}kind: Access
metadata: {{name: edge, namespace: shop}}
spec:
  gateway: edge
  allow: [{{from: [{{anyone: true, reason: public}}]}}]
  authorizer:
    service: authz{finding}
    protocol: grpc
---
kind: Access
metadata: {{name: authz, namespace: shop}}
spec: {{service: authz, allow: [{{from: [{from}]}}]}}
"
            )
        };
        check(&text("{gateway: edge}", ""));
        check(&text("{service: a}", " # expect: M0609"));
    }
}
