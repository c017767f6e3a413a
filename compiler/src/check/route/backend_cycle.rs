use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::ServiceRef;

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::ast::BackendTarget;

/// A backend that is another service is a call of it, whose routes decide further:
/// round a circle they never would.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(509),
    title: "services that forward to each other in a circle",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0509.md"),
};

type Edges<'a> = BTreeMap<ServiceRef, Vec<(ServiceRef, Span)>>;

/// Circles of backends.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let edges = edges(subject);
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        walk(start, &edges, &mut vec![], &mut done, out);
    }
}

/// Depth first; the edge that closes a circle is reported. The trail is as long as
/// a chain of services, each entered once.
fn walk<'e>(
    at: &'e ServiceRef,
    edges: &'e Edges<'_>,
    trail: &mut Vec<&'e ServiceRef>,
    done: &mut BTreeSet<&'e ServiceRef>,
    out: &mut Vec<Diagnostic>,
) {
    if !done.insert(at) {
        return;
    }
    trail.push(at);
    for (next, span) in edges.get(at).into_iter().flatten() {
        if let Some(start) = trail.iter().position(|it| *it == next) {
            out.push(circle(&trail[start..], *span));
        } else {
            walk(next, edges, trail, done, out);
        }
    }
    trail.pop();
}

fn circle(services: &[&ServiceRef], closing: Span) -> Diagnostic {
    let first = services[0];
    let names: Vec<String> = services.iter().map(ToString::to_string).collect();
    Diagnostic::new(
        &INFO,
        closing,
        format!("requests would go round from `{first}` to itself"),
    )
    .marked(format!("{} → {first}", names.join(" → ")))
    .help("send to a version here, or take one of the services out of the circle")
}

fn edges<'a>(subject: &Subject<'_>) -> Edges<'a> {
    let mut edges: Edges<'a> = BTreeMap::new();
    for (id, route) in &subject.program.routes {
        let Some(service) = route.spec.target.service() else {
            continue;
        };
        let service = service.value.resolve(&id.namespace);
        for forward in route.spec.rules.iter().filter_map(forward) {
            for backend in &forward.to {
                let BackendTarget::Service(reference) = &backend.target else {
                    continue;
                };
                let target = reference.value.resolve(&id.namespace);
                if target != service {
                    let from = edges.entry(service.clone()).or_default();
                    from.push((target, reference.span));
                }
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_circle_of_two_is_found_once() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: all, namespace: shop}
spec: {all: namespace, allow: [{from: [{namespace: shop}]}]}
---
kind: Route
metadata: {name: a, namespace: shop}
spec: {service: a, rules: [{to: [{service: b}]}]}
---
kind: Route
metadata: {name: b, namespace: shop}
spec:
  service: b
  rules:
    - match: [{paths: [/x]}]
      to: [{service: a}] # expect: M0509
    - to: [{service: b}]
",
        );
    }
}
