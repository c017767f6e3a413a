use mesh_ir::{Name, ServiceRef};

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{Program, target_service};
use crate::syntax::ast::{Action, BackendTarget, Reference, Spanned};

/// A name that no `Service` has: whatever was meant, it is not what would happen.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(203),
    title: "no such service",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0203.md"),
};

/// All services are looked at for each suggestion, so there are only so many.
const MAX_SUGGESTIONS: usize = 20;

/// Targets, callers, backends and `calls` that name no service.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let mut suggestions = 0..MAX_SUGGESTIONS;
    let mut look = |reference: &Spanned<Reference>, here: &Name| {
        let id = reference.value.resolve(here);
        if !program.services.contains_key(&id) && !program.may_be_broken(&id) {
            let near = suggestions.next().and_then(|_| nearest(program, &id));
            out.push(unknown(reference, &id, near));
        }
    };
    for (id, service) in &program.services {
        for call in service.spec.calls.iter().flatten() {
            if let Some(service) = call.service() {
                look(service, &id.namespace);
            }
        }
    }
    for (id, route) in &program.routes {
        if let Some(service) = route.spec.target.service() {
            look(service, &id.namespace);
        }
        for rule in &route.spec.rules {
            let Action::Forward(forward) = &rule.action else {
                continue;
            };
            for backend in &forward.to {
                if let BackendTarget::Service(reference) = &backend.target {
                    look(reference, &id.namespace);
                }
            }
        }
    }
    let access = program
        .access
        .iter()
        .map(|(id, it)| (id, target_service(&it.spec.target)));
    let limits = program
        .limits
        .iter()
        .map(|(id, it)| (id, target_service(&it.spec.target)));
    for (id, target) in access.chain(limits) {
        if let Some(reference) = target {
            look(reference, &id.namespace);
        }
    }
    for entry in program.entries() {
        for reference in entry.calling_services() {
            look(reference, entry.namespace);
        }
    }
}

fn unknown(reference: &Spanned<Reference>, id: &ServiceRef, near: Option<String>) -> Diagnostic {
    let message = format!("there is no service `{id}`");
    let help = near.map_or_else(
        || "write a `Service` for it, or `name.namespace` for another namespace".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(&INFO, reference.span, message).help(help)
}

/// The service of this name elsewhere, or one here with nearly this name.
fn nearest(program: &Program, id: &ServiceRef) -> Option<String> {
    let mut services = program.services.keys();
    if let Some(elsewhere) = services.find(|it| it.name == id.name) {
        return Some(elsewhere.to_string());
    }
    let here = program
        .services
        .keys()
        .filter(|it| it.namespace == id.namespace);
    let near = crate::syntax::closest(id.name.as_str(), here.map(|it| it.name.as_str()));
    near.map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn every_place_that_names_a_service_is_looked_at() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  calls:
    - {service: nobody} # expect: M0203
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - to:
        - {service: a.labs} # expect: M0203
---
kind: Route
metadata: {name: b, namespace: shop}
spec:
  service: b # expect: M0203
  rules: [{respond: {status: 200}}]
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from:
        - service: page # expect: M0203
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: aa # expect: M0203
  limits: [{rate: 10/s}]
",
        );
    }
}
