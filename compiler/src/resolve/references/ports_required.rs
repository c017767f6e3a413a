use mesh_ir::{Name, ObjectRef};

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::{Program, target_service};
use crate::syntax::ast::{Reference, Spanned};

/// Which port is meant is said, not guessed: a port added later would otherwise
/// fall under intents that were reviewed without it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(209),
    title: "the service has several ports, so `ports` is required",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0209.md"),
};

/// Targets that name a service of several ports and no port.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let routes = program
        .routes
        .iter()
        .map(|(id, it)| (id, it.spec.target.service(), &it.spec.target.ports));
    let access = program.access.iter().map(|(id, it)| {
        let target = &it.spec.target;
        (id, target_service(target), &target.ports)
    });
    let limits = program.limits.iter().map(|(id, it)| {
        let target = &it.spec.target;
        (id, target_service(target), &target.ports)
    });
    for (id, service, ports) in routes.chain(access).chain(limits) {
        if let (Some(service), []) = (service, ports.as_slice()) {
            out.extend(several(program, id, service));
        }
    }
}

fn several(
    program: &Program,
    document: &ObjectRef,
    reference: &Spanned<Reference>,
) -> Option<Diagnostic> {
    let (id, service) = program.service(&reference.value, &document.namespace)?;
    let ports: Vec<(&Name, Span)> = service
        .spec
        .ports
        .iter()
        .map(|port| (&port.name.value, port.name.span))
        .collect();
    if ports.len() < 2 {
        return None;
    }
    let names: Vec<&str> = ports.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!("`{}` has several ports: say which", id.name);
    Some(
        Diagnostic::new(&INFO, reference.span, message)
            .label(ports[1].1, "a second port")
            .help(format!("add `ports: [{}]`", names.join(", "))),
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn several_ports_are_named() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80, tcp: 81}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a # expect: M0209
  allow: [{from: [{namespace: shop}]}]
---
kind: Access
metadata: {name: b, namespace: shop}
spec:
  service: a
  ports: [http, tcp]
  allow: [{from: [{namespace: shop}]}]
",
        );
    }
}
