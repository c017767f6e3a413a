use mesh_ir::HostPattern;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{listener_name, listener_span};
use crate::syntax::ast::{Listener, TargetScope};

/// A route whose host no listener takes never gets a request.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(911),
    title: "no listener of the gateway serves the host",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0911.md"),
};

/// Hosts of routes that no listener of their gateway has.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for (id, route) in &program.routes {
        let target = &route.spec.target;
        let TargetScope::Gateway(reference) = &target.scope else {
            continue;
        };
        let Some((_, gateway)) = program.gateway(&reference.value, &id.namespace) else {
            continue;
        };
        let named = |it: &&Listener| {
            target.ports.is_empty()
                || target
                    .ports
                    .iter()
                    .any(|port| port.value == listener_name(it))
        };
        let listeners: Vec<&Listener> = gateway.spec.listeners.iter().filter(named).collect();
        for host in &target.hosts {
            if listeners.iter().any(|it| serves(it, &host.value)) {
                continue;
            }
            let message = format!(
                "no listener of `{}` serves `{}`",
                gateway.name.value, host.value
            );
            let found = Diagnostic::new(&INFO, host.span, message);
            let found = match listeners.first() {
                Some(first) => found.label(listener_span(first), "a listener of it"),
                None => found.label(gateway.name.span, "the gateway"),
            };
            out.push(found.help("add the host to a listener, or take it from the route"));
        }
    }
}

/// Whether some host of the pattern comes to the listener.
pub(super) fn serves(listener: &Listener, host: &HostPattern) -> bool {
    listener.hosts.is_empty() || listener.hosts.iter().any(|it| it.value.meets(host))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn host_not_served() {
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
spec: {service: reviews, allow: [{from: [{gateway: edge}]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec:
  gateway: edge
  hosts:
    - shop.example
    - www.shop.example # expect: M0911
  rules: [{to: [{service: reviews}]}]
",
        );
    }
}
