use std::collections::BTreeSet;

use mesh_ir::{Inventory, Workloads};

use super::service_of;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Every request to it would be answered 503.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(907),
    title: "a service has no workload",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0907.md"),
};

/// Services that the inventory is to find, and has no workload of.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let running: BTreeSet<_> = inventory.workloads.iter().filter_map(service_of).collect();
    for (id, service) in &subject.lowered.services {
        let found = match &service.workloads {
            Workloads::Inventory => running.contains(id),
            Workloads::Selector(labels) => inventory.workloads.iter().any(|workload| {
                let has = |(key, value): &(String, String)| workload.labels.get(key) == Some(value);
                workload.namespace == id.namespace.as_str() && labels.iter().all(has)
            }),
            Workloads::Dns(_) | Workloads::Endpoints(_) => true,
        };
        let Some(written) = subject.program.services.get(id).filter(|_| !found) else {
            continue;
        };
        if !service.ports.is_empty() {
            let message = format!("the inventory has no workload of `{}`", id.name);
            let found = Diagnostic::new(&INFO, written.name.span, message);
            out.push(found.help("check its name and `workloads`, or remove the service"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn service_without_workload() {
        check_inventory(
            "workloads:
  - {namespace: shop, name: ratings-1, service: ratings}
",
            "
kind: Service
metadata: {name: reviews, namespace: shop} # expect: M0907
spec: {ports: {http: 80}, workloads: {selector: {app: reviews}}}
---
kind: Service
metadata: {name: ratings, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
