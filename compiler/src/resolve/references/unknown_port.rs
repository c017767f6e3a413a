use mesh_ir::{Name, ObjectRef};

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Program, target_service};
use crate::syntax::ast::{Reference, Service, Spanned};
use crate::syntax::closest;

/// A port that the service does not declare.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(205),
    title: "no such port",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0205.md"),
};

/// Ports named by targets and by static endpoints.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (id, service) in &program.services {
        for endpoint in service.spec.endpoints() {
            for (name, _) in &endpoint.ports {
                look(&service.spec, id.name.as_str(), name, out);
            }
        }
    }
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
        check_target(program, id, service, ports, out);
    }
}

fn check_target(
    program: &Program,
    id: &ObjectRef,
    service: Option<&Spanned<Reference>>,
    ports: &[Spanned<Name>],
    out: &mut Vec<Diagnostic>,
) {
    if let Some(reference) = service {
        if let Some((target, service)) = program.service(&reference.value, &id.namespace) {
            for name in ports {
                look(&service.spec, target.name.as_str(), name, out);
            }
        }
        return;
    }
    for name in ports {
        let declares =
            |service: &Service| service.ports.iter().any(|it| it.name.value == name.value);
        if program.is_complete() && !program.services.values().any(|it| declares(&it.spec)) {
            let message = format!("no service has a port `{}`", name.value);
            out.push(Diagnostic::new(&INFO, name.span, message));
        }
    }
}

fn look(service: &Service, of: &str, name: &Spanned<Name>, out: &mut Vec<Diagnostic>) {
    let known: Vec<&str> = service
        .ports
        .iter()
        .map(|it| it.name.value.as_str())
        .collect();
    if known.contains(&name.value.as_str()) {
        return;
    }
    let message = format!("`{of}` has no port `{}`", name.value);
    let found = Diagnostic::new(&INFO, name.span, message);
    let found = match closest(name.value.as_str(), known.iter().copied()) {
        Some(near) => found.fix(name.span, near),
        None => found,
    };
    out.push(if known.is_empty() {
        found.help("it declares no ports: nobody can call it")
    } else {
        found.help(format!("it has {}", known.join(", ")))
    });
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_port_is_declared_by_its_service() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  ports: [grpc] # expect: M0205
  rules: [{respond: {status: 200}}]
---
kind: RateLimit
metadata: {name: all, namespace: shop}
spec:
  all: namespace
  ports: [htpp] # expect: M0205
  limits: [{rate: 10/s}]
",
        );
    }
}
