use std::collections::BTreeSet;

use mesh_ir::{Name, Scope, ServiceRef};

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{Action, Object, Requirement, Rule, Service};

/// What the mesh wants every service to say itself; a default never says it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(801),
    title: "a policy that the mesh requires is missing",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0801.md"),
};

/// Services without what `Mesh.require` lists.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let Some(mesh) = subject
        .program
        .mesh
        .as_ref()
        .filter(|_| subject.program.is_complete())
    else {
        return;
    };
    let owned: BTreeSet<&Name> = subject
        .program
        .teams
        .values()
        .flat_map(|team| &team.spec.owns.namespaces)
        .map(|namespace| &namespace.value)
        .collect();
    for requirement in &mesh.spec.require {
        for (id, service) in &subject.program.services {
            let missing = match requirement.value {
                Requirement::Team => (!owned.contains(&id.namespace)).then(|| {
                    (
                        format!("no team owns the namespace of `{id}`"),
                        format!("add `{}` to `owns.namespaces` of a Team", id.namespace),
                    )
                }),
                Requirement::Access => access(subject, id, service),
                Requirement::Timeout => timeout(subject, id, service),
            };
            let Some((message, help)) = missing else {
                continue;
            };
            out.push(
                Diagnostic::new(&INFO, service.name.span, message)
                    .label(requirement.span, "required here")
                    .help(help),
            );
        }
    }
}

fn access(
    subject: &Subject<'_>,
    id: &ServiceRef,
    service: &Object<Service>,
) -> Option<(String, String)> {
    let by_name = |access: &mesh_ir::Access| {
        !access.shadow && access.target.scope == Scope::Service(id.clone())
    };
    let has = || subject.access_of(id).any(|it| by_name(&it.ir));
    (!service.spec.ports.is_empty() && !has()).then(|| {
        (
            format!("`{id}` has no Access of its own"),
            format!("write an `Access` with `service: {}`", id.name),
        )
    })
}

/// Every HTTP port has a route, and every rule that forwards says a timeout.
fn timeout(
    subject: &Subject<'_>,
    id: &ServiceRef,
    service: &Object<Service>,
) -> Option<(String, String)> {
    let routes = subject.lowered.routes_of(id);
    let silent = |rule: &&Rule| {
        matches!(rule.action, Action::Forward(_))
            && forward(rule).is_none_or(|forward| forward.timeout.is_none())
    };
    let mut http = service
        .spec
        .ports
        .iter()
        .filter(|port| port.protocol.value.is_http());
    let missing = http.any(|port| {
        let mut rules = routes
            .into_iter()
            .flat_map(|it| &it.routes)
            .filter(|route| route.ir.target.ports.contains(&port.name.value))
            .flat_map(|route| &route.object.spec.rules)
            .peekable();
        rules.peek().is_none() || rules.any(|rule| silent(&rule))
    });
    missing.then(|| {
        (
            format!("`{id}` does not say a timeout for every request"),
            "write a `Route` whose rules all say `timeout`".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_default_does_not_satisfy_a_requirement() {
        check(
            "
kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  require: [access, team, timeout]
  defaults: {timeout: 3s}
---
kind: Team
metadata: {name: all}
spec: {owns: {mesh: true, directories: [.], namespaces: [shop]}}
---
kind: Service
metadata: {name: quiet, namespace: shop} # expect: M0801 M0801
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: caller, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: good, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: good, namespace: shop}
spec: {service: good, allow: [{from: [{namespace: shop}]}]}
---
kind: Route
metadata: {name: good, namespace: shop}
spec: {service: good, rules: [{timeout: 1s}]}
",
        );
    }
}
