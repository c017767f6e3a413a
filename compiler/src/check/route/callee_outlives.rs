use std::time::Duration;

use mesh_ir::ServiceRef;

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// When nobody waits for the answer any more, whoever still works for it works for
/// nobody.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(517),
    title: "a callee may take longer than its caller's callers wait",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0517.md"),
};

/// `calls` without a bound of their own to services whose routes write a timeout
/// longer than every one that routes write for the caller.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (id, service) in &subject.program.services {
        let calls = service.spec.calls.iter().flatten();
        let unbounded = calls.filter(|call| call.timeout.is_none());
        for call in unbounded {
            let Some(reference) = call.service() else {
                continue;
            };
            let callee = reference.value.resolve(&id.namespace);
            let Some((own, _)) = longest(subject, id) else {
                continue;
            };
            let Some((theirs, at)) = longest(subject, &callee) else {
                continue;
            };
            if theirs <= own {
                continue;
            }
            let message = format!("callers of `{}` wait {own:?} at most, this longer", id.name);
            out.push(
                Diagnostic::new(&INFO, call.span, message)
                    .label(at, format!("`{callee}` may take {theirs:?}"))
                    .help(format!("give the call a `timeout` below {own:?}")),
            );
        }
    }
}

/// The longest timeout that routes write for a service, and where; `None` unless
/// every rule that forwards writes one.
fn longest(subject: &Subject<'_>, id: &ServiceRef) -> Option<(Duration, Span)> {
    let routes = subject.lowered.routes_of(id)?;
    let forwards = routes.rules().filter_map(|(written, _)| forward(written));
    let written = forwards.map(|forward| {
        let timeout = forward.timeout.as_ref()?;
        Some((timeout.value?, timeout.span))
    });
    let all: Option<Vec<_>> = written.collect();
    all?.into_iter().max_by_key(|(timeout, _)| *timeout)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_route_below_has_no_more_time_than_one_above() {
        check(
            "
kind: Service
metadata: {name: slow, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: quick, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: page, namespace: shop}
spec:
  ports: {http: 80}
  calls:
    - {service: slow} # expect: M0517
    - {service: quick}
---
kind: Route
metadata: {name: slow, namespace: shop}
spec: {service: slow, rules: [{timeout: 5s}]}
---
kind: Route
metadata: {name: quick, namespace: shop}
spec: {service: quick, rules: [{timeout: 1s}]}
---
kind: Route
metadata: {name: page, namespace: shop}
spec: {service: page, rules: [{timeout: 2s}]}
---
kind: Access
metadata: {name: all, namespace: shop}
spec: {all: namespace, allow: [{from: [{namespace: shop}]}]}
",
        );
    }
}
