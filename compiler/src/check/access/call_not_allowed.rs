use std::collections::BTreeMap;

use mesh_ir::{Role, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// `calls` narrows what a service may call, it opens nothing: the callee's `Access`
/// must let it in.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(606),
    title: "no access allows this call",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0606.md"),
};

/// Entries of `calls` that no role of the caller has in its view.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    let mut roles: BTreeMap<&ServiceRef, Vec<&Role>> = BTreeMap::new();
    for role in subject.roles {
        for service in &role.serves {
            roles.entry(service).or_default().push(role);
        }
    }
    for (id, service) in &subject.program.services {
        let Some(roles) = roles.get(id) else {
            continue;
        };
        for call in service.spec.calls.iter().flatten() {
            let Some(reference) = call.service() else {
                continue;
            };
            let callee = reference.value.resolve(&id.namespace);
            let has_ports = |it: &mesh_ir::Service| !it.ports.is_empty();
            let exists = subject.lowered.services.get(&callee);
            let sees = |role: &&Role| role.calls.contains(&callee);
            if !exists.is_some_and(|it| has_ports(it)) || roles.iter().any(sees) {
                continue;
            }
            out.push(
                Diagnostic::new(
                    &INFO,
                    call.span,
                    format!("nothing lets `{id}` call `{callee}`"),
                )
                .help(format!("allow it in an `Access` about `{callee}`")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn the_callee_has_the_last_word() {
        check(
            "
kind: Service
metadata: {name: open, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: closed, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: page, namespace: shop}
spec:
  calls:
    - {service: open}
    - {service: closed} # expect: M0606
---
kind: Access
metadata: {name: open, namespace: shop}
spec: {service: open, allow: [{from: [{service: page}]}]}
",
        );
    }
}
