use mesh_ir::Name;

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Program, RouteTarget};
use crate::syntax::ast::{BackendTarget, Forward, Port, Reference, Spanned};

/// A call of a backend goes to the port that its host alone would mean.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(511),
    title: "it is not clear which port of the backend is meant",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0511.md"),
};

/// Backends, fallbacks and mirrors without a port for what the route is about.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for (id, route) in &program.routes {
        let target = RouteTarget::of(program, &id.namespace, &route.spec.target);
        let Some(target) = target.filter(|it| !it.ports().is_empty()) else {
            continue;
        };
        for forward in route.spec.rules.iter().filter_map(forward) {
            for (backend, named) in backends(forward) {
                let Some((reference, ports)) = called(program, &id.namespace, backend) else {
                    continue;
                };
                let other = reference.value.resolve(&id.namespace);
                if named.is_none()
                    && !target.is(backend, &other)
                    && target.port_of(ports, named).is_none()
                {
                    let message = format!("`{other}` has no one port for {} here", target.takes());
                    out.push(
                        Diagnostic::new(&INFO, reference.span, message)
                            .help("name one with `port`, or give it port 80"),
                    );
                }
            }
        }
    }
}

type Named<'f> = (&'f BackendTarget, Option<&'f Spanned<Name>>);

fn backends(forward: &Forward) -> impl Iterator<Item = Named<'_>> {
    let all = forward.to.iter().chain(&forward.fallback);
    let all = all.map(|it| (&it.target, it.port.as_ref()));
    let copies = forward.mirror.iter();
    all.chain(copies.map(|it| (&it.target, it.port.as_ref())))
}

/// The ports of a backend that is another object.
fn called<'p>(
    program: &'p Program,
    here: &Name,
    backend: &'p BackendTarget,
) -> Option<(&'p Spanned<Reference>, &'p [Port])> {
    match backend {
        BackendTarget::Service(reference) => {
            let (_, object) = program.service(&reference.value, here)?;
            Some((reference, &object.spec.ports))
        }
        BackendTarget::External(reference) => {
            let (_, object) = program.external(&reference.value, here)?;
            Some((reference, &object.spec.ports))
        }
        BackendTarget::Version(_) => None,
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
