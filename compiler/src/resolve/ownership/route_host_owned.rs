use mesh_ir::{HostPattern, Name, PathPattern};

use super::teams::Teams;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;
use crate::syntax::ast::{Rule, TargetScope};

/// Who owns a host and a path says where its requests go.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(306),
    title: "the host of a gateway belongs to another team",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0306.md"),
};

/// Hosts of routes of gateways, and of external services, that another team has claimed.
pub(super) fn check(program: &Program, teams: &Teams<'_>, out: &mut Vec<Diagnostic>) {
    for (id, route) in &program.routes {
        let TargetScope::Gateway(_) = &route.spec.target.scope else {
            continue;
        };
        let own = teams.of_namespace(&id.namespace);
        for host in &route.spec.target.hosts {
            let mut others = route.spec.rules.iter().filter_map(|rule| {
                let (at, path) = first_foreign(teams, own, &host.value, rule, host.span)?;
                Some((at, teams.of_host_and_path(&host.value, path)?))
            });
            if let Some((at, (owner, claim))) = others.next() {
                out.push(found(&host.value, owner, at, claim));
            }
        }
    }
    for (id, external) in &program.externals {
        let own = teams.of_namespace(&id.namespace);
        for host in &external.spec.hosts {
            if let Some((owner, claim)) = teams.of_host_and_path(&host.value, None)
                && own != Some(owner)
            {
                out.push(found(&host.value, owner, host.span, claim));
            }
        }
    }
}

/// The first path of a rule that is another team's to say.
fn first_foreign<'r>(
    teams: &Teams<'_>,
    own: Option<&Name>,
    host: &HostPattern,
    rule: &'r Rule,
    host_span: Span,
) -> Option<(Span, Option<&'r PathPattern>)> {
    let foreign = |path: Option<&PathPattern>| {
        let owner = teams.of_host_and_path(host, path);
        owner.is_some_and(|(owner, _)| own != Some(owner))
    };
    let paths: Vec<_> = rule.matches.iter().flat_map(|it| &it.paths).collect();
    let everything = rule.matches.is_empty() || rule.matches.iter().any(|it| it.paths.is_empty());
    if everything && foreign(None) {
        return Some((host_span, None));
    }
    let path = paths.into_iter().find(|path| foreign(Some(&path.value)))?;
    Some((path.span, Some(&path.value)))
}

fn found(host: &HostPattern, owner: &Name, at: Span, claim: Span) -> Diagnostic {
    let message = format!("this part of `{host}` belongs to the team `{owner}`");
    Diagnostic::new(&INFO, at, message)
        .label(claim, format!("owned by `{owner}`"))
        .help("have that team write it, or give it away in its Team: `host/path/**`")
}

#[cfg(test)]
mod tests {
    use crate::testing::check_files;

    #[test]
    fn route_host_owned() {
        check_files(&[
            (
                "mesh.yaml",
                "
kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Team
metadata: {name: platform}
spec: {owns: {mesh: true, directories: [.], namespaces: [edge], hosts: [shop.example]}}
---
kind: Team
metadata: {name: search}
spec: {owns: {directories: [search], namespaces: [find], hosts: [shop.example/search/**]}}
---
kind: Gateway
metadata: {name: edge, namespace: edge}
spec:
  listeners: [{name: web, port: 80, hosts: [shop.example]}]
  attach: {namespaces: [find]}
---
kind: Access
metadata: {name: edge, namespace: edge}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
",
            ),
            (
                "search/route.yaml",
                "
kind: Service
metadata: {name: find, namespace: find}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: find, namespace: find}
spec: {service: find, allow: [{from: [{authenticated: true}]}]}
---
kind: Route
metadata: {name: find, namespace: find}
spec:
  gateway: edge.edge
  hosts: [shop.example]
  rules:
    - match: [{paths: [/search/**]}]
      to: [{service: find}]
    - match:
        - paths:
            - /cart/** # expect: M0306
      to: [{service: find}]
",
            ),
        ]);
    }
}
