use mesh_ir::{Name, ServiceRef};

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Program, accounts, gateway_accounts};
use crate::syntax::ast::{Reference, Spanned, Who};

/// A service is who its accounts are. Where two services share one, naming the
/// first lets in the second, which the line does not say.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(207),
    title: "a caller shares its account with another service",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0207.md"),
};

/// Services and gateways in `from` with an account that another has too.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for entry in program.entries() {
        for caller in entry.callers() {
            match &caller.who {
                Who::Service(it) => out.extend(service(program, it, entry.namespace)),
                Who::Gateway(it) => out.extend(gateway(program, it, entry.namespace)),
                _ => {}
            }
        }
    }
}

fn service(program: &Program, reference: &Spanned<Reference>, here: &Name) -> Option<Diagnostic> {
    let (id, object) = program.service(&reference.value, here)?;
    shared(program, reference, &id, accounts(object))
}

fn gateway(program: &Program, reference: &Spanned<Reference>, here: &Name) -> Option<Diagnostic> {
    let (_, object) = program.gateway(&reference.value, here)?;
    let id = reference.value.resolve(here);
    shared(program, reference, &id, gateway_accounts(object))
}

fn shared<'a>(
    program: &Program,
    reference: &Spanned<Reference>,
    id: &ServiceRef,
    mut accounts: impl Iterator<Item = &'a Name>,
) -> Option<Diagnostic> {
    let (account, other) = accounts.find_map(|account| {
        let all = program.services_of_account(&id.namespace, account);
        // A service and a gateway of one name are two.
        let other = all.iter().find(|it| *it != id).or(all.get(1))?;
        Some((account, other))
    })?;
    let message = format!("`{id}` is not alone: `{other}` runs as `{account}` too");
    Some(
        Diagnostic::new(&INFO, reference.span, message)
            .marked("this names both")
            .help("give each an account of its own, or name the identity"),
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_shared_account_cannot_be_named_as_one_service() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {accounts: [batch]}
---
kind: Service
metadata: {name: c, namespace: shop}
spec: {accounts: [c, batch]}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from:
        - service: b # expect: M0207
        - identity: spiffe://test.example/ns/shop/sa/batch
",
        );
    }
}
