use std::collections::BTreeSet;

use mesh_ir::{Action, BackendTarget, Name, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::lower::RoutesOf;

/// A version that no rule sends to runs for nobody.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(512),
    title: "no route sends to this version",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0512.md"),
};

/// Versions of services with routes, none of which sends to them.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (id, routes) in subject.lowered.service_routes() {
        let Some(service) = subject.program.services.get(id) else {
            continue;
        };
        let Some(reached) = reached(subject, id, routes) else {
            continue;
        };
        for version in &service.spec.versions {
            if !reached.contains(&version.name.value) {
                let message = format!("no route sends to version `{}`", version.name.value);
                out.push(
                    Diagnostic::new(&INFO, version.name.span, message)
                        .help("give it a weight in a rule, or remove it"),
                );
            }
        }
    }
}

/// The versions that rules send to; `None` for all of them.
fn reached<'r>(
    subject: &Subject<'_>,
    id: &ServiceRef,
    routes: &'r RoutesOf,
) -> Option<BTreeSet<&'r Name>> {
    let mut reached = BTreeSet::new();
    let service = subject.lowered.services.get(id)?;
    let routed = |port: &Name| {
        let mut all = routes.routes.iter();
        all.any(|route| route.ir.target.ports.contains(port))
    };
    if !service.ports.iter().all(|port| routed(&port.name)) {
        return None;
    }
    if routes.routes.iter().any(|it| !it.is_whole()) {
        return None;
    }
    for (_, rule) in routes.rules() {
        let Action::Forward(forward) = &rule.action else {
            continue;
        };
        let drawn = forward.backends.iter().filter(|it| it.weight > 0);
        let drawn = drawn.chain(&forward.fallback).map(|it| &it.target);
        for target in drawn.chain(forward.mirror.iter().map(|it| &it.target)) {
            match target {
                BackendTarget::Service => return None,
                BackendTarget::Version(version) => {
                    reached.insert(version);
                }
                BackendTarget::Other { .. } | BackendTarget::External { .. } => {}
            }
        }
    }
    Some(reached)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn every_version_gets_something() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  versions:
    v1: {}
    v2: {} # expect: M0512
    v3: {} # expect: M0512
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - to: [{version: v1, weight: 1}, {version: v3, weight: 0}]
",
        );
    }

    #[test]
    fn copies_and_fallbacks_reach_a_version() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}, v3: {}}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules: [{to: [{version: v1}], mirror: [{version: v2, percent: 5%}], fallback: [{version: v3}]}]
",
        );
    }

    #[test]
    fn the_service_itself_is_every_version() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - {match: [{paths: [/x]}], to: [{version: v1}]}
    - {timeout: 1s}
",
        );
    }
}
