use std::collections::BTreeMap;

use mesh_ir::{HostPattern, Name, ObjectRef};

use crate::check::Subject;
use crate::diagnostic::Span;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::TargetScope;

/// Without an owner of the host, each of two teams could take the requests of the other.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(912),
    title: "two namespaces claim one host of a gateway",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0912.md"),
};

/// Hosts of a gateway that routes of several namespaces name, and no team owns.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    let mut taken: BTreeMap<(&ObjectRef, &HostPattern), (&Name, Span)> = BTreeMap::new();
    for (id, route) in &program.routes {
        let TargetScope::Gateway(reference) = &route.spec.target.scope else {
            continue;
        };
        let Some((gateway, _)) = program.gateway(&reference.value, &id.namespace) else {
            continue;
        };
        for host in &route.spec.target.hosts {
            let first = *taken
                .entry((gateway, &host.value))
                .or_insert((&id.namespace, host.span));
            if *first.0 == id.namespace || is_owned(subject, &host.value) {
                continue;
            }
            let message = format!("routes of `{}` claim `{}`, too", first.0, host.value);
            out.push(
                Diagnostic::new(&INFO, host.span, message)
                    .label(first.1, "claimed here")
                    .help(
                        "give the host to a Team in `owns.hosts`, with paths where they share it",
                    ),
            );
        }
    }
}

fn is_owned(subject: &Subject<'_>, host: &HostPattern) -> bool {
    let teams = subject.program.teams.values();
    let mut owned = teams.flat_map(|team| &team.spec.owns.hosts);
    owned.any(|it| it.value.host.contains(host))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn host_claimed_twice() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners: [{name: web, port: 80, hosts: [shop.example]}]
  attach: {namespaces: [shop, labs]}
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
metadata: {name: a, namespace: labs}
spec:
  gateway: edge.shop
  hosts: [shop.example]
  rules: [{match: [{paths: [/labs/**]}], to: [{service: reviews.shop}]}]
---
kind: Route
metadata: {name: b, namespace: shop}
spec:
  gateway: edge
  hosts:
    - shop.example # expect: M0912
  rules: [{to: [{service: reviews}]}]
",
        );
    }
}
