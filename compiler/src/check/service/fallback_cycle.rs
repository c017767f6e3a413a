use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Action, BackendTarget, Forward, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast;

/// With every service of the circle away, requests would go round until their time is over.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(408),
    title: "fallbacks go round in a circle",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0408.md"),
};

/// Fallbacks to a service that leads back here.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let forwards = || {
        let routes = subject.lowered.service_routes();
        routes.flat_map(|(service, routes)| {
            let rules = routes.routes.iter().flat_map(|it| &it.ir.rules);
            rules.filter_map(move |rule| match &rule.action {
                Action::Forward(forward) => Some((service, forward)),
                _ => None,
            })
        })
    };
    if forwards().all(|(_, forward)| forward.fallback.is_empty()) {
        return;
    }
    let mut onward: BTreeMap<&ServiceRef, BTreeSet<&ServiceRef>> = BTreeMap::new();
    for (service, forward) in forwards() {
        onward.entry(service).or_default().extend(services(forward));
    }
    for (service, routes) in subject.lowered.service_routes() {
        for (written, rule) in routes.rules() {
            let (ast::Action::Forward(written), Action::Forward(forward)) =
                (&written.action, &rule.action)
            else {
                continue;
            };
            for (written, backend) in written.fallback.iter().zip(&forward.fallback) {
                if let BackendTarget::Other { service: to, .. } = &backend.target
                    && leads(&onward, to, service)
                {
                    let message = format!("`{to}` leads back to `{service}`");
                    let found = Diagnostic::new(&INFO, written.span.start(), message);
                    out.push(found.help("end the circle: a last fallback has none itself"));
                }
            }
        }
    }
}

fn services(forward: &Forward) -> impl Iterator<Item = &ServiceRef> {
    let all = forward.backends.iter().chain(&forward.fallback);
    all.filter_map(|it| match &it.target {
        BackendTarget::Other { service, .. } => Some(service),
        _ => None,
    })
}

fn leads(
    onward: &BTreeMap<&ServiceRef, BTreeSet<&ServiceRef>>,
    from: &ServiceRef,
    to: &ServiceRef,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(service) = next.pop() {
        if service == to {
            return true;
        }
        if seen.insert(service) {
            next.extend(onward.get(service).into_iter().flatten().copied());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn fallback_cycle() {
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
spec: {all: namespace, allow: [{from: [{authenticated: true}]}]}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - fallback:
        - {service: b} # expect: M0408
---
kind: Route
metadata: {name: b, namespace: shop}
spec:
  service: b
  rules:
    - fallback:
        - {service: a} # expect: M0408
",
        );
    }
}
