use std::collections::BTreeMap;

use mesh_ir::{Inventory, ServiceRef, Workload};

use super::service_of;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A version that nothing runs as answers 503 to its share of requests.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(906),
    title: "no endpoint carries this version",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0906.md"),
};

/// Versions whose labels no workload of the inventory carries, and that no static
/// endpoint names.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let mut of_service: BTreeMap<ServiceRef, Vec<&Workload>> = BTreeMap::new();
    for workload in &inventory.workloads {
        if let Some(id) = service_of(workload) {
            of_service.entry(id).or_default().push(workload);
        }
    }
    for (id, service) in &subject.program.services {
        let workloads = of_service.get(id).map_or(&[][..], Vec::as_slice);
        for version in &service.spec.versions {
            let carries = |workload: &&&Workload| {
                let mut labels = version.labels.iter();
                labels.all(|(key, value)| workload.labels.get(key) == Some(value))
            };
            let named = service.spec.endpoints().iter().any(|endpoint| {
                let name = endpoint.version.as_ref().map(|it| &it.value);
                name == Some(&version.name.value)
            });
            if named || workloads.iter().any(|it| carries(&it)) {
                continue;
            }
            let message = format!("no workload is version `{}` of `{id}`", version.name.value);
            out.push(
                Diagnostic::new(&INFO, version.name.span, message)
                    .help("start one, correct the labels, or remove the version"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn a_version_is_somewhere() {
        check_inventory(
            "
workloads:
  - {namespace: shop, name: a-1, service: a, labels: {version: v1}}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  workloads: {endpoints: [{address: 10.0.0.1, version: v2}]}
  versions:
    v1: {}
    v2: {}
    v3: {} # expect: M0906
",
        );
    }
}
