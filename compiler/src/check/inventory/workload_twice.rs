use std::collections::BTreeSet;

use mesh_ir::Inventory;

use super::{found, workloads};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A workload is known by its name: to tokens, to status and to its proxy.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(904),
    title: "two workloads have one name",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0904.md"),
};

/// Workloads with the namespace and name of another.
pub(super) fn check(inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for (name, _) in workloads(inventory) {
        let message = format!("there are two workloads `{name}`");
        if !seen.insert(name) {
            out.push(found(&INFO, message).help("give each its own name"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn a_name_is_one_workload() {
        check_inventory(
            "# expect: M0904
workloads:
  - {namespace: shop, name: a-1, service: a}
  - {namespace: shop, name: a-1, service: a}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
