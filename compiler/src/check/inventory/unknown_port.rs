use mesh_ir::{Inventory, Port, ServiceRef};

use super::{found, service_named, service_of, workloads};
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A listener for a port that the service does not have.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(902),
    title: "the inventory names a port that is not there",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0902.md"),
};

/// Inbound listeners, and listeners for TCP services.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let mut look = |workload: &str, id: Option<ServiceRef>, port: &str, tcp_only: bool| {
        let Some((id, service)) = id.and_then(|id| subject.lowered.services.get_key_value(&id))
        else {
            return;
        };
        let fits = |it: &Port| it.name.as_str() == port && !(tcp_only && it.protocol.is_http());
        if !service.ports.iter().any(fits) {
            let kind = if tcp_only { "TCP port" } else { "port" };
            let message = format!("workload `{workload}`: `{id}` has no {kind} `{port}`");
            out.push(found(&INFO, message).help("correct the port's name, or declare it"));
        }
    };
    for (name, workload) in workloads(inventory) {
        for inbound in &workload.inbound {
            look(&name, service_of(workload), &inbound.port, false);
        }
        for tcp in &workload.tcp {
            look(&name, service_named(&tcp.service), &tcp.port, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn listeners_are_for_declared_ports() {
        check_inventory(
            "# expect: M0902 M0902
workloads:
  - namespace: shop
    name: a-1
    service: a
    inbound:
      - {port: http, listen: '127.0.0.1:1', application: '127.0.0.1:2'}
      - {port: htpp, listen: '127.0.0.1:3', application: '127.0.0.1:2'}
    tcp:
      - {service: a.shop, port: http, listen: '127.0.0.1:4'}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
