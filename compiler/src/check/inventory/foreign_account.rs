use mesh_ir::Inventory;

use super::{found, service_of, workloads};
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::accounts;

/// A workload with an account that is not its service's: no caller would accept its
/// certificate.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(903),
    title: "a workload has an account that its service does not",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0903.md"),
};

/// `account` of workloads.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    for (name, workload) in workloads(inventory) {
        let (Some(account), Some(id)) = (&workload.account, service_of(workload)) else {
            continue;
        };
        let Some(service) = subject.program.services.get(&id) else {
            continue;
        };
        if !accounts(service).any(|it| it.as_str() == account) {
            let message = format!("workload `{name}`: `{account}` is no account of `{id}`");
            out.push(found(&INFO, message).help("add it to `accounts` of the Service"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn an_account_is_one_of_the_services() {
        check_inventory(
            "# expect: M0903
workloads:
  - {namespace: shop, name: a-1, service: a, account: a}
  - {namespace: shop, name: a-2, service: a, account: b}
",
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
