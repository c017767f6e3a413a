use std::collections::BTreeSet;

use mesh_ir::Inventory;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{accounts, gateway_accounts};

/// A workload cannot prove an identity that its platform does not have.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(917),
    title: "the platform has no such account",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0917.md"),
};

/// Accounts of services and gateways that the platform does not list.
pub(super) fn check(subject: &Subject<'_>, inventory: &Inventory, out: &mut Vec<Diagnostic>) {
    let Some(known) = &inventory.accounts else {
        return;
    };
    let known: BTreeSet<(&str, &str)> = known
        .iter()
        .map(|it| (it.namespace.as_str(), it.name.as_str()))
        .collect();
    let mut look = |namespace: &mesh_ir::Name, account: &mesh_ir::Name, at| {
        if !known.contains(&(namespace.as_str(), account.as_str())) {
            let message = format!("the platform has no account `{account}` in `{namespace}`");
            let found = Diagnostic::new(&INFO, at, message);
            out.push(found.help("create it there, or name another in `accounts`"));
        }
    };
    for (id, service) in &subject.program.services {
        for account in accounts(service) {
            let mut written = service.spec.accounts.iter();
            let written = written.find(|it| it.value == *account);
            look(
                &id.namespace,
                account,
                written.map_or(service.name.span, |it| it.span),
            );
        }
    }
    for (id, gateway) in &subject.program.gateways {
        for account in gateway_accounts(gateway) {
            look(&id.namespace, account, gateway.name.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_inventory;

    #[test]
    fn account_missing() {
        check_inventory(
            "workloads:
  - {namespace: shop, name: reviews-1, service: reviews}
accounts:
  - {namespace: shop, name: reviews}
",
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 80}
  accounts:
    - reviews
    - reveiws # expect: M0917
",
        );
    }
}
