use mesh_ir::ServiceRef;

use super::every::{Of, Use, every};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::{Reference, Spanned};

/// A name that no `Service` has: whatever was meant, it is not what would happen.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(203),
    title: "no such service",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0203.md"),
};

/// All services are looked at for each suggestion, so there are only so many.
const MAX_SUGGESTIONS: usize = 20;

/// Targets, callers, backends, `calls` and who is asked that are no service.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let mut suggestions = 0..MAX_SUGGESTIONS;
    let uses = every(program);
    for Use {
        of: _,
        reference,
        here,
    } in uses.iter().filter(|it| it.of == Of::Service)
    {
        let id = reference.value.resolve(here);
        if !program.services.contains_key(&id) && !program.may_be_broken(&id) {
            let near = suggestions.next().and_then(|_| nearest(program, &id));
            out.push(unknown(reference, &id, near));
        }
    }
}

fn unknown(reference: &Spanned<Reference>, id: &ServiceRef, near: Option<String>) -> Diagnostic {
    let message = format!("there is no service `{id}`");
    let found = Diagnostic::new(&INFO, reference.span, message);
    match near {
        Some(near) => found
            .help(format!("did you mean `{near}`?"))
            .guess(reference.span, near),
        None => found.help("write a `Service` for it, or `name.namespace` for another namespace"),
    }
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
