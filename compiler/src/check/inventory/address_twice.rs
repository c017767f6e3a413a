use std::collections::BTreeMap;
use std::net::SocketAddr;

use mesh_ir::{Inventory, Workload};

use super::{found, workloads};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Two listeners on one address: the second proxy would not start.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(905),
    title: "two listeners have one address",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0905.md"),
};

/// Addresses on which proxies listen.
pub(super) fn check(inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<SocketAddr, String> = BTreeMap::new();
    for (name, workload) in workloads(inventory) {
        for address in listens(workload) {
            if let Some(first) = seen.get(&address) {
                let message = format!("workload `{name}`: {address} is taken by `{first}`");
                out.push(found(&INFO, message).help("give each listener an address of its own"));
            } else {
                seen.insert(address, name.clone());
            }
        }
    }
}

fn listens(workload: &Workload) -> impl Iterator<Item = SocketAddr> {
    let inbound = workload.inbound.iter().map(|it| it.listen);
    let tcp = workload.tcp.iter().map(|it| it.listen);
    let single = workload.admin.into_iter().chain(workload.outbound);
    // Port 0 is any free one.
    single.chain(inbound).chain(tcp).filter(|it| it.port() != 0)
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn an_address_is_one_listener() {
        check_inventory(
            "# expect: M0905
workloads:
  - {namespace: shop, name: a-1, service: a, admin: '127.0.0.1:1', outbound: '127.0.0.1:0'}
  - {namespace: shop, name: a-2, service: a, admin: '127.0.0.1:1', outbound: '127.0.0.1:0'}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
