use mesh_ir::{Inventory, InventoryPort, Protocol};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{Object, Port, Service};

/// Callers would connect to a port that nobody listens on, or speak what nobody understands.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(908),
    title: "a port differs from that of the platform",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0908.md"),
};

/// Ports of services that the platform has not, or has for another protocol.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let all = inventory.services.iter().flatten();
    for (id, service) in &subject.program.services {
        let named = |name: &str, namespace: &str| {
            name == id.name.as_str() && namespace == id.namespace.as_str()
        };
        let mut known = all.clone().filter(|it| named(&it.name, &it.namespace));
        if let Some(known) = known.next() {
            for port in &service.spec.ports {
                out.extend(judge(service, port, &known.ports));
            }
        }
    }
}

fn judge(service: &Object<Service>, port: &Port, known: &[InventoryPort]) -> Option<Diagnostic> {
    let Some(same) = known.iter().find(|it| it.port == port.number.value) else {
        let (name, number) = (&service.name.value, port.number.value);
        let message = format!("on the platform `{name}` has no port {number}");
        let numbers: Vec<String> = known.iter().map(|it| it.port.to_string()).collect();
        let found = Diagnostic::new(&INFO, port.number.span, message);
        return Some(found.help(format!("it has {}", numbers.join(", "))));
    };
    let target = port.target.map_or(port.number.value, |it| it.value);
    if let Some(listens) = same.target_port.filter(|it| *it != target) {
        let at = port.target.map_or(port.number.span, |it| it.span);
        let message = format!("on the platform its application listens on {listens}");
        let found = Diagnostic::new(&INFO, at, message);
        return Some(found.help(format!("write `targetPort: {listens}`")));
    }
    let written = same.app_protocol.as_deref().or(same.name.as_deref())?;
    let meant = protocols(written)?;
    if meant.contains(&port.protocol.value) {
        return None;
    }
    let message = format!("on the platform this port is `{written}`");
    let found = Diagnostic::new(&INFO, port.protocol.span, message);
    Some(found.help(format!(
        "write `protocol: {}`, or rename it there",
        meant[0]
    )))
}

/// What a name of a port, by the convention of Kubernetes and Istio, says that it speaks.
fn protocols(name: &str) -> Option<&'static [Protocol]> {
    let word = name.rsplit('/').next().unwrap_or(name);
    match word.split('-').next().unwrap_or(word) {
        "http" => Some(&[Protocol::Http, Protocol::Http2, Protocol::Grpc]),
        "http2" | "h2c" => Some(&[Protocol::Http2, Protocol::Grpc, Protocol::Http]),
        "grpc" => Some(&[Protocol::Grpc]),
        "https" | "tls" => Some(&[Protocol::Tls, Protocol::Tcp]),
        "tcp" | "mongo" | "mysql" | "redis" | "postgres" => Some(&[Protocol::Tcp]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn platform_port() {
        check_inventory(
            "workloads:
  - {namespace: shop, name: reviews-1, service: reviews}
services:
  - namespace: shop
    name: reviews
    ports:
      - {name: http-web, port: 80}
      - {name: tcp-admin, port: 9000}
",
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports:
    http: 80
    admin: {port: 8081, protocol: http} # expect: M0908
    grpc: 9000 # expect: M0908
",
        );
    }
}
