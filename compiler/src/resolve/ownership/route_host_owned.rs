use mesh_ir::{HostPattern, Name, PathPattern};

use super::teams::{Claim, Teams};
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
            let parts = route.spec.rules.iter().flat_map(|it| parts(it, host.span));
            let mut foreign =
                parts.filter_map(|part| Some((part.at, part.foreign(teams, own, &host.value)?)));
            if let Some((at, foreign)) = foreign.next() {
                out.push(foreign.found(&host.value, at));
            }
        }
    }
    for (id, external) in &program.externals {
        let own = teams.of_namespace(&id.namespace);
        for host in &external.spec.hosts {
            let part = Part::whole(host.span);
            if let Some(foreign) = part.foreign(teams, own, &host.value) {
                out.push(foreign.found(&host.value, host.span));
            }
        }
    }
}

/// Some paths of a host about which a document speaks.
struct Part<'a> {
    /// Left out: all.
    path: Option<&'a PathPattern>,
    /// Whether it goes before more special rules.
    is_raised: bool,
    at: Span,
}

/// Why a part is not for a team to say.
enum Foreign<'a> {
    /// All of it is another's.
    Owned(Claim<'a>),
    /// Some of it is another's, and the whole is nobody's.
    Holds(Claim<'a>),
    /// Some of it is another's, whose rules it would go before.
    GoesBefore(Claim<'a>),
    /// It cannot be seen to be more than what is another's.
    MayBeWithin(Claim<'a>),
}

/// The parts that a rule is about.
fn parts(rule: &Rule, host: Span) -> impl Iterator<Item = Part<'_>> {
    let is_raised = rule.priority.as_ref().is_some_and(|it| it.value > 0);
    let all = rule.matches.is_empty() || rule.matches.iter().any(|it| it.paths.is_empty());
    let whole = all.then(|| Part {
        is_raised,
        ..Part::whole(host)
    });
    let paths = rule.matches.iter().flat_map(|it| &it.paths);
    whole.into_iter().chain(paths.map(move |path| Part {
        path: Some(&path.value),
        is_raised,
        at: path.span,
    }))
}

impl Part<'_> {
    fn whole(at: Span) -> Self {
        Self {
            path: None,
            is_raised: false,
            at,
        }
    }

    /// A team speaks for what it owns. What others own within is decided by their rules,
    /// which are more special: of its own they leave it what they do not decide.
    fn foreign<'t>(
        &self,
        teams: &Teams<'t>,
        own: Option<&Name>,
        host: &HostPattern,
    ) -> Option<Foreign<'t>> {
        let owner = teams.of_part(host, self.path);
        if let Some(claim) = owner
            && own != Some(claim.team)
        {
            return Some(Foreign::Owned(claim));
        }
        let mut within = teams.within_part(host, self.path);
        let within = within.find(|it| own != Some(it.team))?;
        let is_regex = matches!(self.path, Some(PathPattern::Regex(_)));
        match owner {
            None => Some(Foreign::Holds(within)),
            Some(_) if self.is_raised => Some(Foreign::GoesBefore(within)),
            Some(_) if is_regex => Some(Foreign::MayBeWithin(within)),
            Some(_) => None,
        }
    }
}

impl Foreign<'_> {
    fn found(&self, host: &HostPattern, at: Span) -> Diagnostic {
        let (Self::Owned(claim)
        | Self::Holds(claim)
        | Self::GoesBefore(claim)
        | Self::MayBeWithin(claim)) = self;
        let owner = claim.team;
        let (message, help) = match self {
            Self::Owned(_) => (
                format!("this part of `{host}` belongs to the team `{owner}`"),
                "have that team write it, or give it away in its Team: `host/path/**`",
            ),
            Self::Holds(_) => (
                format!("this holds requests that belong to the team `{owner}`"),
                "name hosts of your own, or claim what you name in a Team",
            ),
            Self::GoesBefore(_) => (
                format!("with `priority` this goes before the rules of the team `{owner}`"),
                "leave `priority` out: the rules of that part are more special",
            ),
            Self::MayBeWithin(_) => (
                format!("this may hold just requests that belong to the team `{owner}`"),
                "write segments, or a regex that starts with a path of your own",
            ),
        };
        Diagnostic::new(&INFO, at, message)
            .label(claim.at, format!("owned by `{owner}`"))
            .help(help)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_files;

    /// `platform` owns `shop.example` and `search` a part of it; the rules are of `search`.
    fn rules_of_search(rules: &str) {
        documents_of_search(&format!(
            "
kind: Route
metadata: {{name: find, namespace: find}}
spec:
  gateway: edge.edge
  hosts: [shop.example]
  rules:
{rules}"
        ));
    }

    fn documents_of_search(documents: &str) {
        let search = format!(
            "
kind: Service
metadata: {{name: find, namespace: find}}
spec: {{ports: {{http: 80}}}}
---
kind: Access
metadata: {{name: find, namespace: find}}
spec: {{service: find, allow: [{{from: [{{authenticated: true}}]}}]}}
---{documents}"
        );
        check_files(&[("mesh.yaml", PLATFORM), ("search/find.yaml", &search)]);
    }

    const PLATFORM: &str = "
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
  listeners: [{name: web, port: 80, hosts: [shop.example, '*.example', '*.search.example']}]
  attach: {namespaces: [edge, find]}
---
kind: Access
metadata: {name: edge, namespace: edge}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
";

    #[test]
    fn a_part_of_a_host_is_for_its_team() {
        rules_of_search(
            "    - match: [{paths: [/search/**]}]
      to: [{service: find}]
    - match:
        - paths:
            - /cart/** # expect: M0306
      to: [{service: find}]
",
        );
    }

    #[test]
    fn a_regex_within_the_part_is_of_the_part() {
        rules_of_search(
            "    - match: [{paths: [{regex: '/search/[a-z]+'}]}]
      to: [{service: find}]
",
        );
        rules_of_search(
            "    - match:
        - paths:
            - regex: '/sea[a-z]+/x' # expect: M0306
      to: [{service: find}]
",
        );
    }

    #[test]
    fn a_host_that_nobody_owns_holds_no_host_that_somebody_owns() {
        let route = |host: &str| {
            documents_of_search(&format!(
                "
kind: Route
metadata: {{name: find, namespace: find}}
spec:
  gateway: edge.edge
  hosts:
    - '{host}
  rules: [{{to: [{{service: find}}]}}]
"
            ));
        };
        route("*.example' # expect: M0306");
        route("*.search.example'");
    }

    #[test]
    fn an_external_service_takes_no_host_of_another_team() {
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
spec: {owns: {mesh: true, directories: [.], hosts: [shop.example]}}
---
kind: Team
metadata: {name: search}
spec: {owns: {directories: [search], namespaces: [find]}}
",
            ),
            (
                "search/away.yaml",
                "
kind: ExternalService
metadata: {name: away, namespace: find}
spec:
  hosts:
    - '*.example' # expect: M0306
    - '*.elsewhere.example'
  ports: {https: {port: 443, protocol: tls}}
---
kind: Service
metadata: {name: find, namespace: find}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: find, namespace: find}
spec: {service: find, allow: [{from: [{service: find}]}]}
---
kind: Access
metadata: {name: away, namespace: find}
spec: {external: away, allow: [{from: [{authenticated: true}]}]}
",
            ),
        ]);
    }

    /// `platform` owns everything but the part of `search`; the rules are of `platform`.
    fn rules_of_platform(rules: &str) {
        let platform = format!(
            "{PLATFORM}---
kind: Service
metadata: {{name: cart, namespace: edge}}
spec: {{ports: {{http: 80}}}}
---
kind: Access
metadata: {{name: cart, namespace: edge}}
spec: {{service: cart, allow: [{{from: [{{authenticated: true}}]}}]}}
---
kind: Route
metadata: {{name: cart, namespace: edge}}
spec:
  gateway: edge
  hosts: [shop.example]
  rules:
{rules}"
        );
        check_files(&[("mesh.yaml", &platform)]);
    }

    #[test]
    fn the_owner_of_a_host_has_what_its_parts_leave() {
        rules_of_platform(
            "    - to: [{service: cart}]
    - match: [{paths: ['/*/help', {regex: '/v[0-9]+/x'}]}]
      to: [{service: cart}]
",
        );
    }

    #[test]
    fn no_priority_goes_before_the_rules_of_a_part() {
        rules_of_platform(
            "    - match: [{paths: [/cart/**]}]
      priority: 1
      to: [{service: cart}]
    - match:
        - paths:
            - /*/help # expect: M0306
      priority: 1
      to: [{service: cart}]
",
        );
        rules_of_platform(
            "    - match: [{methods: [POST]}]
      priority: -1
      to: [{service: cart}]
",
        );
    }

    #[test]
    fn no_regex_of_the_owner_goes_into_a_part() {
        rules_of_platform(
            "    - match:
        - paths:
            - regex: '/sear.h/x' # expect: M0306
      to: [{service: cart}]
",
        );
    }
}
