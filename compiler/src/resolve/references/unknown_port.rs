use mesh_ir::Name;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Program, listener_name};
use crate::syntax::ast::{Action, BackendTarget, Forward, Port, Spanned, Target, TargetScope};
use crate::syntax::closest;

/// A port that the service does not declare.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(205),
    title: "no such port",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0205.md"),
};

/// Ports named by targets, by backends and by static endpoints.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (id, service) in &program.services {
        for endpoint in service.spec.endpoints() {
            for (name, _) in &endpoint.ports {
                look(&names(&service.spec.ports), id.name.as_str(), name, out);
            }
        }
    }
    let routes = program.routes.iter().map(|(id, it)| (id, &it.spec.target));
    let access = program.access.iter().map(|(id, it)| (id, &it.spec.target));
    let limits = program.limits.iter().map(|(id, it)| (id, &it.spec.target));
    let telemetry = program
        .telemetry
        .iter()
        .map(|(id, it)| (id, &it.spec.target));
    for (id, target) in routes.chain(access).chain(limits).chain(telemetry) {
        check_target(program, &id.namespace, target, out);
    }
    for (id, route) in &program.routes {
        for rule in &route.spec.rules {
            if let Action::Forward(forward) = &rule.action {
                check_backends(program, &id.namespace, forward, out);
            }
        }
    }
}

fn check_target(program: &Program, here: &Name, target: &Target, out: &mut Vec<Diagnostic>) {
    let known = match &target.scope {
        TargetScope::Service(it) => {
            let service = program.service(&it.value, here);
            service.map(|(id, it)| (id.name, names(&it.spec.ports)))
        }
        TargetScope::External(it) => {
            let external = program.external(&it.value, here);
            external.map(|(id, it)| (id.name.clone(), names(&it.spec.ports)))
        }
        TargetScope::Gateway(it) => {
            let gateway = program.gateway(&it.value, here);
            let listeners = gateway.map(|(id, it)| (id, it.spec.listeners.iter()));
            listeners.map(|(id, it)| (id.name.clone(), it.map(listener_name).collect()))
        }
        TargetScope::All(_) => {
            return target
                .ports
                .iter()
                .for_each(|it| anywhere(program, it, out));
        }
    };
    if let Some((of, known)) = known {
        for name in &target.ports {
            look(&known, of.as_str(), name, out);
        }
    }
}

/// A port that is named for several services at once.
fn anywhere(program: &Program, name: &Spanned<Name>, out: &mut Vec<Diagnostic>) {
    let declares = |ports: &[Port]| ports.iter().any(|it| it.name.value == name.value);
    let mut services = program.services.values();
    let mut externals = program.externals.values();
    let mut listeners = program.gateways.values().flat_map(|it| &it.spec.listeners);
    let known = services.any(|it| declares(&it.spec.ports))
        || externals.any(|it| declares(&it.spec.ports))
        || listeners.any(|it| listener_name(it) == name.value);
    if program.is_complete() && !known {
        let message = format!("no service has a port `{}`", name.value);
        out.push(Diagnostic::new(&INFO, name.span, message));
    }
}

fn check_backends(program: &Program, here: &Name, forward: &Forward, out: &mut Vec<Diagnostic>) {
    let backends = forward.to.iter().chain(&forward.fallback);
    let backends = backends.map(|it| (&it.target, &it.port));
    for (target, port) in backends.chain(forward.mirror.iter().map(|it| (&it.target, &it.port))) {
        let Some(port) = port else { continue };
        let known = match target {
            BackendTarget::Service(it) => {
                let service = program.service(&it.value, here);
                service.map(|(id, it)| (id.name, names(&it.spec.ports)))
            }
            BackendTarget::External(it) => {
                let external = program.external(&it.value, here);
                external.map(|(id, it)| (id.name.clone(), names(&it.spec.ports)))
            }
            BackendTarget::Version(_) => None,
        };
        if let Some((of, known)) = known {
            look(&known, of.as_str(), port, out);
        }
    }
}

fn names(ports: &[Port]) -> Vec<Name> {
    ports.iter().map(|it| it.name.value.clone()).collect()
}

fn look(known: &[Name], of: &str, name: &Spanned<Name>, out: &mut Vec<Diagnostic>) {
    if known.contains(&name.value) {
        return;
    }
    let known: Vec<&str> = known.iter().map(Name::as_str).collect();
    let message = format!("`{of}` has no port `{}`", name.value);
    let found = Diagnostic::new(&INFO, name.span, message);
    let found = match closest(name.value.as_str(), known.iter().copied()) {
        Some(near) => found.guess(name.span, near),
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
