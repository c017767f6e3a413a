use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Program, accounts};
use crate::syntax::ast::{Reference, Spanned};

/// A service is who its accounts are. Where two services share one, naming the
/// first lets in the second, which the line does not say.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(207),
    title: "a caller shares its account with another service",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0207.md"),
};

/// Services in `from` with an account that another service has too.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for entry in program.entries() {
        for reference in entry.calling_services() {
            out.extend(shared(program, reference, entry.namespace));
        }
    }
}

fn shared(
    program: &Program,
    reference: &Spanned<Reference>,
    here: &mesh_ir::Name,
) -> Option<Diagnostic> {
    let (id, service) = program.service(&reference.value, here)?;
    let (account, other) = accounts(service).find_map(|account| {
        let all = program.services_of_account(&id.namespace, account);
        Some((account, all.iter().find(|it| **it != id)?))
    })?;
    let message = format!("`{id}` is not alone: `{other}` runs as `{account}` too");
    Some(
        Diagnostic::new(&INFO, reference.span, message)
            .marked("this names both services")
            .help("give each service an account of its own, or name the identity"),
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
