use crate::check::Subject;
use crate::diagnostic::Span;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::{listener_name, listener_span};
use crate::syntax::ast::{Listener, Target, TargetScope};

use super::host_not_served::serves;

/// Every request to it is answered 404.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(914),
    title: "a listener has no route",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0914.md"),
};

/// Listeners that no `Route` names a host of.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    if !program.is_complete() {
        return;
    }
    for (id, gateway) in &program.gateways {
        let targets: Vec<&Target> = program
            .routes
            .iter()
            .filter(|(route, it)| match &it.spec.target.scope {
                TargetScope::Gateway(named) => named.value.object(&route.namespace) == *id,
                _ => false,
            })
            .map(|(_, it)| &it.spec.target)
            .collect();
        for listener in &gateway.spec.listeners {
            let is_routed = targets.iter().any(|it| reaches(it, listener));
            if listener.redirect.is_none() && !is_routed {
                out.push(found(listener_span(listener), listener));
            }
        }
    }
}

fn reaches(target: &Target, listener: &Listener) -> bool {
    let named = target.ports.is_empty()
        || target
            .ports
            .iter()
            .any(|it| it.value == listener_name(listener));
    named
        && target
            .hosts
            .iter()
            .any(|host| serves(listener, &host.value))
}

fn found(at: Span, listener: &Listener) -> Diagnostic {
    let message = format!(
        "no Route is about the listener `{}`",
        listener_name(listener)
    );
    let found = Diagnostic::new(&INFO, at, message);
    found.help("write a `Route` with `gateway:` and one of its hosts, or remove it")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn listener_unused() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners:
    - {name: web, port: 80, hosts: [shop.example]}
    - {name: old, port: 80, hosts: [old.example]} # expect: M0914
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{gateway: edge}]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: reviews}]}]}
",
        );
    }
}
