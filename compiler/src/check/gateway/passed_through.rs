use mesh_ir::Protocol;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::listener_name;

/// Bytes of TLS are either read here or passed on.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(915),
    title: "TLS that is passed through cannot end here",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0915.md"),
};

/// Listeners of `tls`, which is passed through, with a certificate; and hosts on ports of
/// bytes, which have none.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let gateways = subject.program.gateways.values();
    for listener in gateways.flat_map(|it| &it.spec.listeners) {
        let Some(protocol) = listener.protocol else {
            continue;
        };
        match (protocol.value, &listener.tls) {
            (Protocol::Tls, Some(tls)) => {
                let message = format!(
                    "`{}` passes TLS through and ends it",
                    listener_name(listener)
                );
                out.push(
                    Diagnostic::new(&INFO, tls.span, message)
                        .label(protocol.span, "passed through by server name")
                        .help("remove `tls`, or say `protocol: tcp` or `http`"),
                );
            }
            (Protocol::Tcp, None) => {
                if let Some(host) = listener.hosts.first() {
                    let message =
                        format!("connections to `{}` name no host", listener_name(listener));
                    out.push(
                        Diagnostic::new(&INFO, host.span, message)
                            .label(protocol.span, "bytes, without TLS")
                            .help("remove `hosts`, or say `protocol: tls`"),
                    );
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn tls_passed_through_and_ended() {
        check(
            "
kind: Service
metadata: {name: mqtt, namespace: shop}
spec: {ports: {tls: 8883}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners:
    - name: mqtt
      port: 8883
      protocol: tls
      hosts: [mqtt.example]
      tls: {certificate: {secret: mqtt}} # expect: M0915
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
