use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Action, BackendTarget, ServiceRef};

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// A backend that is another service is a call of it by the caller's own proxy: it
/// must be one that some caller of this service may make.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(510),
    title: "no caller may call this backend",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0510.md"),
};

/// Backends that no role that calls the service has in its view.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let backends = backends(subject);
    let wanted: BTreeSet<&ServiceRef> = backends.iter().flat_map(|it| [it.0, it.1]).collect();
    let mut seen_by: BTreeMap<&ServiceRef, BTreeSet<usize>> = BTreeMap::new();
    if wanted.is_empty() {
        return;
    }
    for (index, role) in subject.roles.iter().enumerate() {
        for service in role.calls.iter().filter(|it| wanted.contains(it)) {
            seen_by.entry(service).or_default().insert(index);
        }
    }
    for (service, backend, at) in backends {
        let (Some(callers), of_backend) = (seen_by.get(service), seen_by.get(backend)) else {
            continue;
        };
        if of_backend.is_none_or(|it| it.is_disjoint(callers)) {
            let message = format!("no caller of `{}` may call `{backend}`", service.name);
            out.push(
                Diagnostic::new(&INFO, at, message)
                    .help(format!("allow them in an `Access` about `{backend}`")),
            );
        }
    }
}

/// Service, backend and place of every backend that is another service.
fn backends<'c>(subject: &Subject<'c>) -> Vec<(&'c ServiceRef, &'c ServiceRef, Span)> {
    let mut found = Vec::new();
    for (service, routes) in subject.lowered.service_routes() {
        for (written, rule) in routes.rules() {
            let (Some(to), Action::Forward(lowered)) = (forward(written), &rule.action) else {
                continue;
            };
            for (written, backend) in to.to.iter().zip(&lowered.backends) {
                if let BackendTarget::Other { service: other, .. } = &backend.target {
                    found.push((service, other, written.span));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_backend_is_called_by_the_callers() {
        check(
            "
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: open, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: closed, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, allow: [{from: [{service: page}]}]}
---
kind: Access
metadata: {name: open, namespace: shop}
spec: {service: open, allow: [{from: [{service: page}]}]}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - to:
        - {service: open, weight: 1}
        - {service: closed, weight: 1} # expect: M0510
",
        );
    }
}
