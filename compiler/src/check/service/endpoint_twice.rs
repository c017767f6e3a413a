use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// An endpoint written twice would get twice its share.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(405),
    title: "an endpoint is written twice",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0405.md"),
};

/// Endpoints of one service with the same address and ports.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for service in subject.program.services.values() {
        let mut seen = BTreeMap::new();
        for endpoint in service.spec.endpoints() {
            let mut ports: Vec<_> = endpoint
                .ports
                .iter()
                .map(|(name, number)| (&name.value, number.value))
                .collect();
            ports.sort();
            let at = endpoint.address.span;
            if let Some(first) = seen.insert((endpoint.address.value, ports), at) {
                let message = format!("the endpoint {} is written twice", endpoint.address.value);
                out.push(
                    Diagnostic::new(&INFO, at, message)
                        .label(first, "the first is here")
                        .help("remove one; `weight` gives an endpoint a greater share"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn an_address_is_written_once_unless_its_ports_differ() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  workloads:
    endpoints:
      - {address: 10.0.0.1}
      - {address: 10.0.0.1, ports: {http: 81}}
      - {address: 10.0.0.1} # expect: M0405
",
        );
    }
}
