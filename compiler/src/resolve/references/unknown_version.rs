use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::{Action, BackendTarget, Service, Spanned};
use crate::syntax::closest;

/// A version that the service does not declare.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(204),
    title: "no such version",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0204.md"),
};

/// Versions named by backends and by static endpoints.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let mut look = |service: &Service, of: &str, name: &Spanned<mesh_ir::Name>| {
        let known = || service.versions.iter().map(|it| it.name.value.as_str());
        if known().any(|it| it == name.value.as_str()) {
            return;
        }
        let message = format!("`{of}` has no version `{}`", name.value);
        let found = Diagnostic::new(&INFO, name.span, message);
        let found = match closest(name.value.as_str(), known()) {
            Some(near) => found.guess(name.span, near),
            None => found,
        };
        out.push(match known().collect::<Vec<_>>()[..] {
            [] => found.help(format!("declare it: `versions: {{{}: {{}}}}`", name.value)),
            ref versions => found.help(format!("it has {}", versions.join(", "))),
        });
    };
    for (id, service) in &program.services {
        for endpoint in service.spec.endpoints() {
            if let Some(version) = &endpoint.version {
                look(&service.spec, id.name.as_str(), version);
            }
        }
    }
    for (id, route) in &program.routes {
        let Some((target, service)) = route
            .spec
            .target
            .service()
            .and_then(|it| program.service(&it.value, &id.namespace))
        else {
            continue;
        };
        for rule in &route.spec.rules {
            let Action::Forward(forward) = &rule.action else {
                continue;
            };
            let backends = forward.to.iter().chain(&forward.fallback);
            let targets = backends.map(|it| &it.target);
            for backend in targets.chain(forward.mirror.iter().map(|it| &it.target)) {
                if let BackendTarget::Version(version) = backend {
                    look(&service.spec, target.name.as_str(), version);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_version_is_declared_by_its_service() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  versions: {v1: {}}
  workloads:
    endpoints:
      - {address: 10.0.0.1, version: v1}
      - {address: 10.0.0.2, version: v2} # expect: M0204
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - to:
        - {version: v1, weight: 1}
        - {version: v3, weight: 1} # expect: M0204
",
        );
    }
}
