use mesh_ir::Name;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;
use crate::syntax::ast::{Port, Target, TargetScope};

/// Which port is meant is said, not guessed: a port added later would otherwise
/// fall under intents that were reviewed without it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(209),
    title: "the service has several ports, so `ports` is required",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0209.md"),
};

/// Targets that name a service, or an external one, of several ports and no port.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let routes = program.routes.iter().map(|(id, it)| (id, &it.spec.target));
    let access = program.access.iter().map(|(id, it)| (id, &it.spec.target));
    let limits = program.limits.iter().map(|(id, it)| (id, &it.spec.target));
    for (id, target) in routes.chain(access).chain(limits) {
        if target.ports.is_empty() {
            out.extend(several(program, &id.namespace, target));
        }
    }
}

fn several(program: &Program, here: &Name, target: &Target) -> Option<Diagnostic> {
    let (reference, ports): (_, &[Port]) = match &target.scope {
        TargetScope::Service(it) => (it, &program.service(&it.value, here)?.1.spec.ports),
        TargetScope::External(it) => (it, &program.external(&it.value, here)?.1.spec.ports),
        // One entry is about every listener of a gateway where it names none.
        TargetScope::Gateway(_) | TargetScope::All(_) => return None,
    };
    let ports: Vec<(&Name, Span)> = ports
        .iter()
        .map(|port| (&port.name.value, port.name.span))
        .collect();
    if ports.len() < 2 {
        return None;
    }
    let names: Vec<&str> = ports.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!("`{}` has several ports: say which", reference.value.name);
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
  allow: [{from: [{namespace: shop, cidr: 10.0.0.0/8}]}]
---
kind: Access
metadata: {name: b, namespace: shop}
spec:
  service: a
  ports: [http, tcp]
  allow: [{from: [{namespace: shop, cidr: 11.0.0.0/8}]}]
",
        );
    }
}
