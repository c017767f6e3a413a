use mesh_ir::{HostPattern, Protocol};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{listener_name, listener_span};
use crate::syntax::ast::{Gateway, Listener};

/// Which of two listeners takes a connection would be chance.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(910),
    title: "listeners of a gateway conflict",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0910.md"),
};

/// Listeners of one port and address that speak differently, or have a host in common.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for gateway in subject.program.gateways.values() {
        one(&gateway.spec, out);
    }
}

fn one(gateway: &Gateway, out: &mut Vec<Diagnostic>) {
    for (place, second) in gateway.listeners.iter().enumerate() {
        for first in &gateway.listeners[..place] {
            let Some(why) = conflict(first, second) else {
                continue;
            };
            let message = format!(
                "`{}` and `{}` {why}",
                listener_name(second),
                listener_name(first)
            );
            out.push(
                Diagnostic::new(&INFO, listener_span(second), message)
                    .label(listener_span(first), "the other is here")
                    .help("give them different ports, addresses or hosts"),
            );
        }
    }
}

fn conflict(a: &Listener, b: &Listener) -> Option<&'static str> {
    if a.name.is_some() && listener_name(a) == listener_name(b) {
        return Some("have one name");
    }
    let same_address = a.addresses.is_empty()
        || b.addresses.is_empty()
        || a.addresses
            .iter()
            .any(|a| b.addresses.iter().any(|b| a.value == b.value));
    if a.port.value != b.port.value || !same_address {
        return None;
    }
    let protocol = |it: &Listener| it.protocol.map_or(Protocol::Http, |it| it.value);
    // What begins with TLS is told apart by the server name, whoever ends it.
    let tls = |it: &Listener| it.tls.is_some() || protocol(it) == Protocol::Tls;
    if tls(a) != tls(b) {
        return Some("share a port, one with TLS and one without");
    }
    if !tls(a) && protocol(a).is_http() != protocol(b).is_http() {
        return Some("share a port and speak differently");
    }
    if !protocol(a).is_http() && !tls(a) {
        return Some("share a port of bytes, which has no hosts");
    }
    let shared = match (a.hosts.as_slice(), b.hosts.as_slice()) {
        ([], []) => true,
        ([], _) | (_, []) => false,
        (a, b) => a.iter().any(|a| b.iter().any(|b| same(&a.value, &b.value))),
    };
    shared.then_some("share a port and a host")
}

/// A narrower host beside a wider one is no conflict: the narrower listener takes it.
fn same(a: &HostPattern, b: &HostPattern) -> bool {
    a == b
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn listeners_conflict() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners:
    - {name: web, port: 443, hosts: [shop.example], tls: {certificate: {secret: shop}}}
    - {name: again, port: 443, hosts: [shop.example], tls: {certificate: {secret: shop}}} # expect: M0910
    - {name: any, port: 443, hosts: ['*.shop.example'], tls: {certificate: {secret: shop}}}
    - {name: plain, port: 443, hosts: [plain.example]} # expect: M0910 M0910 M0910 M0913
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
spec: {gateway: edge, hosts: [shop.example, '*.shop.example', plain.example], rules: [{to: [{service: reviews}]}]}
",
        );
    }
}
