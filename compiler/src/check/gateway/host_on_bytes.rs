use mesh_ir::Protocol;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::listener_name;

/// Without TLS or HTTP nothing says which host is meant, so the hosts would be ignored.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(915),
    title: "connections of bytes name no host",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0915.md"),
};

/// Hosts of listeners that take bytes without TLS.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let gateways = subject.program.gateways.values();
    for listener in gateways.flat_map(|it| &it.spec.listeners) {
        let Some(protocol) = listener.protocol.filter(|it| it.value == Protocol::Tcp) else {
            continue;
        };
        if let (None, Some(host)) = (&listener.tls, listener.hosts.first()) {
            let message = format!("connections to `{}` name no host", listener_name(listener));
            out.push(
                Diagnostic::new(&INFO, host.span, message)
                    .label(protocol.span, "bytes, without TLS")
                    .help("remove `hosts`, or say `protocol: tls` to choose by server name"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn host_on_bytes() {
        check(
            "
kind: Service
metadata: {name: mqtt, namespace: shop}
spec: {ports: {tcp: 1883}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners:
    - name: mqtt
      port: 1883
      protocol: tcp
      hosts:
        - mqtt.example # expect: M0915
---
kind: Route
metadata: {name: mqtt, namespace: shop}
spec: {gateway: edge, hosts: [mqtt.example], rules: [{to: [{service: mqtt}]}]}
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
---
kind: Access
metadata: {name: mqtt, namespace: shop}
spec: {service: mqtt, allow: [{from: [{gateway: edge}]}]}
",
        );
    }
}
