use mesh_ir::Name;

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{http_port_without_number, ports_in_force, stream_port};
use crate::syntax::ast::{BackendTarget, Object, Port, Service};

/// A call of a backend goes to the port that its host alone would mean.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(511),
    title: "it is not clear which port of the backend is meant",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0511.md"),
};

/// Backends without a port for what the route is about.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for (id, route) in &program.routes {
        let Some((own, service)) = route
            .spec
            .target
            .service()
            .and_then(|it| program.service(&it.value, &id.namespace))
        else {
            continue;
        };
        let Some(port) = ports_in_force(&service.spec, &route.spec.target.ports).next() else {
            continue;
        };
        for forward in route.spec.rules.iter().filter_map(forward) {
            for backend in &forward.to {
                let BackendTarget::Service(reference) = &backend.target else {
                    continue;
                };
                let found = program.service(&reference.value, &id.namespace);
                let Some((other, object)) = found.filter(|(other, _)| *other != own) else {
                    continue;
                };
                if takes(object, port).is_none() {
                    let message = format!("`{other}` has no one port for {} here", kind(port));
                    out.push(
                        Diagnostic::new(&INFO, reference.span, message)
                            .help("give it port 80, or only one port of the kind"),
                    );
                }
            }
        }
    }
}

/// The port of a backend that takes what arrives for `port`.
fn takes<'s>(backend: &'s Object<Service>, port: &Port) -> Option<&'s Name> {
    let found = if port.protocol.value.is_http() {
        http_port_without_number(&backend.spec)
    } else {
        stream_port(&backend.spec.ports, &port.name.value)
    };
    found.map(|port| &port.name.value)
}

fn kind(port: &Port) -> &'static str {
    if port.protocol.value.is_http() {
        "requests"
    } else {
        "connections"
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_backend_has_one_port_for_it() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tcp: 5432}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - to: [{service: db}] # expect: M0511
",
        );
    }
}
