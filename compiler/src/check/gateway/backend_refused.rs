use mesh_ir::{Action, BackendTarget, Role, Scope};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast;

/// A rule of a gateway is a call by the gateway: the backend must let it in.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(918),
    title: "a gateway may not call what it sends to",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0918.md"),
};

/// Backends of gateways that no access lets the gateway call.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (scope, routes) in &subject.lowered.routes {
        let Scope::Gateway(gateway) = scope else {
            continue;
        };
        let is_own = |it: &&Role| it.gateways.contains(gateway);
        let roles: Vec<&Role> = subject.roles.iter().filter(is_own).collect();
        for (written, rule) in routes.rules() {
            let (ast::Action::Forward(written), Action::Forward(forward)) =
                (&written.action, &rule.action)
            else {
                continue;
            };
            for (written, backend) in written.to.iter().zip(&forward.backends) {
                let (callee, seen) = match &backend.target {
                    BackendTarget::Other { service, .. } => {
                        (service, roles.iter().any(|it| it.calls.contains(service)))
                    }
                    BackendTarget::External { service, .. } => (
                        service,
                        roles.iter().any(|it| it.externals.contains(service)),
                    ),
                    BackendTarget::Service | BackendTarget::Version(_) => continue,
                };
                if !seen {
                    let message = format!("the gateway `{}` may not call `{callee}`", gateway.name);
                    let found = Diagnostic::new(&INFO, written.span.start(), message);
                    out.push(found.help(format!(
                        "allow `from: [{{gateway: {}}}]` in an `Access` about `{callee}`",
                        gateway.name
                    )));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn gateway_backend_refused() {
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
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{service: page}]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec:
  gateway: edge
  hosts: [shop.example]
  rules:
    - to:
        - {service: reviews} # expect: M0918
",
        );
    }
}
