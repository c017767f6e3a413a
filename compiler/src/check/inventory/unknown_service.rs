use mesh_ir::Inventory;

use super::{found, service_named, service_of, workloads};
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A workload of no service: nothing says who may call it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(901),
    title: "the inventory names a service that is not there",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0901.md"),
};

/// Workloads and their TCP listeners, by service.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let services = &subject.program.services;
    for (name, workload) in workloads(inventory) {
        let own = service_of(workload).filter(|id| services.contains_key(id));
        if own.is_none() {
            let service = format!("{}.{}", workload.service, workload.namespace);
            let message = format!("workload `{name}`: there is no service `{service}`");
            out.push(found(&INFO, message).help("write a `Service` for it, or correct the name"));
        }
        for tcp in &workload.tcp {
            let called = service_named(&tcp.service).filter(|id| services.contains_key(id));
            if called.is_none() {
                let message = format!("workload `{name}`: there is no service `{}`", tcp.service);
                out.push(found(&INFO, message).help("a service is `name.namespace` here"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn a_workload_belongs_to_a_service() {
        check_inventory(
            "# expect: M0901 M0901
workloads:
  - {namespace: shop, name: a-1, service: a, tcp: [{service: db, port: tcp, listen: '127.0.0.1:1'}]}
  - {namespace: shop, name: b-1, service: b}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
