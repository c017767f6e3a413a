use mesh_ir::ObjectRef;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::target_service;
use crate::syntax::ast::{Reference, Spanned};

/// A service without ports only calls: nothing that is said about being called
/// can ever hold.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(212),
    title: "nobody can call this service",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0212.md"),
};

/// Routes, access and limits about a service that declares no port.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    let mut look = |document: &ObjectRef, reference: &Spanned<Reference>| {
        let found = program.service(&reference.value, &document.namespace);
        let Some((id, _)) = found.filter(|(_, it)| it.spec.ports.is_empty()) else {
            return;
        };
        out.push(
            Diagnostic::new(&INFO, reference.span, format!("`{id}` has no port to call"))
                .help("declare its `ports`, or remove this document"),
        );
    };
    for (id, route) in &program.routes {
        if let Some(service) = route.spec.target.service() {
            look(id, service);
        }
    }
    for (id, access) in &program.access {
        if let Some(service) = target_service(&access.spec.target) {
            look(id, service);
        }
    }
    for (id, limits) in &program.limits {
        if let Some(service) = target_service(&limits.spec.target) {
            look(id, service);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_service_without_ports_takes_no_intents_about_being_called() {
        check(
            "
kind: Service
metadata: {name: batch, namespace: shop}
spec: {}
---
kind: Access
metadata: {name: batch, namespace: shop}
spec:
  service: batch # expect: M0212
  allow: [{from: [{namespace: shop}]}]
",
        );
    }
}
