//! What is left of a rule by those that decide before it: which they are, and a request
//! that still reaches it.

use mesh_ir::{
    Access, AccessRule, EncodedSlash, Mesh, Name, ObjectRef, Origin, Protocol, Route, RouteRule,
    Scope, Service, SpiffeId, Target,
};

use crate::algebra::{
    Bounds, Mode, Rule, RuleId, Set, Side, Space, SpaceBuilder, Undecided, Universe,
};

/// A rule of a `Route` or an `allow` entry of an `Access`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Its name, or a hash.
    pub rule: String,
    /// Where it begins.
    pub origin: Origin,
    /// Those that decide some of its requests before it does.
    pub before: Vec<(String, Origin)>,
    /// What still reaches it.
    pub left: Left,
}

/// What of a rule those before it leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// This request, and perhaps more.
    Request(String),
    /// No request.
    Nothing,
    /// A bound was reached before the answer.
    Undecided(String),
}

/// Each rule of a `Route`, in the order in which they decide; `None`: there is no such document.
pub fn of_route(mesh: &Mesh, id: &ObjectRef) -> Option<Vec<Reach>> {
    let route = mesh.routes.get(id)?;
    let about = |it: &&Route| it.target.scope == route.target.scope;
    let all = mesh.routes.values().map(|it| &**it).filter(about);
    let mut all: Vec<_> = all
        .flat_map(|it| it.rules.iter().map(move |rule| (it, rule)))
        .collect();
    all.sort_by_key(|(_, rule)| rule.rank);
    let judge = |rule: &RouteRule| {
        let decides_before = |(of, it): &&(&Route, &RouteRule)| {
            it.rank < rule.rank && meet(&of.target, &route.target)
        };
        let before = all.iter().filter(decides_before);
        let before = before.map(|(of, it)| Entry {
            name: &it.id.0,
            origin: &it.origin,
            target: &of.target,
            rule: rule_of(mesh, &of.target, (&it.from, &it.matches), Mode::Plain),
        });
        let own = Entry {
            name: &rule.id.0,
            origin: &rule.origin,
            target: &route.target,
            rule: rule_of(
                mesh,
                &route.target,
                (&rule.from, &rule.matches),
                Mode::Plain,
            ),
        };
        let side = match route.target.scope {
            Scope::Gateway(_) => Side::Callee,
            _ => Side::Caller,
        };
        own.reach(&before.collect::<Vec<_>>(), mesh, side)
    };
    Some(route.rules.iter().map(judge).collect())
}

/// Each `allow` entry of an `Access`, and what enforced denies leave of it; `None`: there is
/// no such document.
pub fn of_access(mesh: &Mesh, id: &ObjectRef) -> Option<Vec<Reach>> {
    let access = mesh.access.get(id)?;
    let about = |it: &&Access| {
        let wider = match &access.target.scope {
            Scope::Service(service) => it.target.scope.covers(service),
            other => it.target.scope == *other || it.target.scope == Scope::Mesh,
        };
        !it.shadow && wider && meet(&it.target, &access.target)
    };
    let denies = mesh.access.values().map(|it| &**it).filter(about);
    let denies: Vec<_> = denies
        .flat_map(|it| it.deny.iter().map(|rule| entry(mesh, it, rule, Mode::Deny)))
        .collect();
    let side = if service(mesh, &access.target).is_some_and(|it| it.is_strict(&access.target)) {
        Side::StrictCallee
    } else {
        Side::Callee
    };
    let judge =
        |rule: &AccessRule| entry(mesh, access, rule, Mode::Allow).reach(&denies, mesh, side);
    Some(access.allow.iter().map(judge).collect())
}

fn entry<'m>(mesh: &'m Mesh, of: &'m Access, it: &'m AccessRule, mode: Mode) -> Entry<'m> {
    Entry {
        name: &it.id.0,
        origin: &it.origin,
        target: &of.target,
        rule: rule_of(mesh, &of.target, (&it.from, &it.matches), mode),
    }
}

fn rule_of<'m>(
    mesh: &'m Mesh,
    target: &'m Target,
    (from, matches): (&'m [mesh_ir::CallerMatch], &'m [mesh_ir::RequestMatch]),
    mode: Mode,
) -> Rule<'m> {
    Rule {
        from,
        hosts: &target.hosts,
        matches,
        mode,
        trust_domain: &mesh.settings.trust_domain,
    }
}

/// Whether both speak of one port at least.
fn meet(a: &Target, b: &Target) -> bool {
    a.ports.is_empty() || b.ports.is_empty() || a.ports.iter().any(|it| b.ports.contains(it))
}

fn service<'m>(mesh: &'m Mesh, target: &Target) -> Option<&'m Service> {
    match &target.scope {
        Scope::Service(id) => mesh.services.get(id).map(|it| &**it),
        _ => None,
    }
}

struct Entry<'m> {
    name: &'m str,
    origin: &'m Origin,
    target: &'m Target,
    rule: Rule<'m>,
}

impl Entry<'_> {
    fn reach(&self, before: &[Entry<'_>], mesh: &Mesh, side: Side) -> Reach {
        let mut reach = Reach {
            rule: self.name.to_owned(),
            origin: self.origin.clone(),
            before: vec![],
            left: Left::Nothing,
        };
        match self.judge(before, mesh, side) {
            Ok((taking, left)) => {
                let named = |it: usize| (before[it].name.to_owned(), before[it].origin.clone());
                reach.before = taking.into_iter().map(named).collect();
                reach.left = left.map_or(Left::Nothing, Left::Request);
            }
            Err(why) => reach.left = Left::Undecided(why.to_string()),
        }
        reach
    }

    /// Which take some of it, and a request that none of them takes.
    fn judge(
        &self,
        before: &[Entry<'_>],
        mesh: &Mesh,
        side: Side,
    ) -> Result<(Vec<usize>, Option<String>), Undecided> {
        let identities: Vec<SpiffeId> = mesh.roles.iter().map(|it| it.identity.clone()).collect();
        let service = service(mesh, self.target);
        let ports = self.ports(service);
        let mut builder = SpaceBuilder::new(
            Universe {
                side,
                protocol: ports.first().map_or(Protocol::Http, |it| it.1),
                encoded_slash: service.is_none_or(|it| it.encoded_slash == EncodedSlash::Judge),
                hosts: &[],
                identities: &identities,
            },
            Bounds::default(),
        );
        let own = builder.rule(self.rule);
        let others: Vec<RuleId> = before.iter().map(|it| builder.rule(it.rule)).collect();
        let space = builder.build()?;
        let whole = space.set(own);
        let (mut taking, mut rest) = (vec![], whole);
        for (index, other) in others.iter().enumerate() {
            let after = space.subtract(rest, space.set(*other))?;
            if after != rest {
                taking.push(index);
            }
            // What is taken at one of several ports is not taken at the others.
            if ports.len() < 2 {
                rest = after;
            }
        }
        let asks_who = |it: &Entry<'_>| !it.rule.from.is_empty();
        let with_caller = asks_who(self) || before.iter().any(asks_who);
        if ports.is_empty() {
            let left = subtract(&space, whole, &others)?;
            return Ok((taking, shown(&space, left, None, with_caller)));
        }
        for (port, _) in &ports {
            let on_port = |index: &usize| {
                let of = &before[*index].target.ports;
                of.is_empty() || of.contains(port)
            };
            let others: Vec<RuleId> = taking
                .iter()
                .copied()
                .filter(on_port)
                .map(|it| others[it])
                .collect();
            let left = subtract(&space, whole, &others)?;
            let port = (ports.len() > 1).then_some(port);
            if let Some(request) = shown(&space, left, port, with_caller) {
                return Ok((taking, Some(request)));
            }
        }
        Ok((taking, None))
    }

    /// The ports of its service that it is about.
    fn ports(&self, service: Option<&Service>) -> Vec<(Name, Protocol)> {
        let Some(service) = service else {
            return vec![];
        };
        let ports = service.ports.iter();
        let ports = ports.filter(|it| self.target.covers(&service.id, &it.name));
        ports.map(|it| (it.name.clone(), it.protocol)).collect()
    }
}

fn subtract(space: &Space, whole: Set, others: &[RuleId]) -> Result<Set, Undecided> {
    let mut others = others.iter();
    others.try_fold(whole, |left, it| space.subtract(left, space.set(*it)))
}

/// `GET /reviews/x with end-user: jason, from spiffe://…`.
fn shown(space: &Space, left: Set, port: Option<&Name>, with_caller: bool) -> Option<String> {
    let witness = space.witness(left)?;
    let mut text = witness.to_string();
    if let Some(port) = port {
        text.extend([" at port ", port.as_str()]);
    }
    if let Some(identity) = witness.identity.filter(|_| with_caller) {
        text.extend([", from ", &identity.to_string()]);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use mesh_ir::Mesh;

    use super::*;
    use crate::testing::{NOW, prepared_set};
    use crate::{Compiler, Options};

    const INTENTS: &str = "kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - {name: wide, match: [{paths: [/api/**]}], to: [{version: v1}]}
    - {name: gets, priority: 1, match: [{methods: [GET], paths: [/api/x/**]}], to: [{version: v2}]}
    - {name: dead, match: [{methods: [GET], paths: [/api/x/1]}], to: [{version: v1}]}
    - {name: apart, match: [{paths: [/other]}], to: [{version: v1}]}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow: [{name: reads, from: [{service: b}], match: [{paths: [/api/**]}]}]
---
kind: Access
metadata: {name: all, namespace: shop}
spec:
  all: namespace
  deny: [{name: closed, match: [{paths: [/api/x/**, /api]}]}]
";

    fn mesh() -> Mesh {
        let set = prepared_set(&[("a.yaml", INTENTS)]);
        let compilation = Compiler::new(Options::at(NOW)).compile(&set);
        compilation.mesh.expect("it compiles")
    }

    fn id() -> ObjectRef {
        let name = |it| Name::parse(it).unwrap();
        ObjectRef {
            namespace: name("shop"),
            name: name("a"),
        }
    }

    fn said(reach: &[Reach]) -> Vec<(&str, Vec<&str>, &Left)> {
        reach
            .iter()
            .map(|it| {
                let before = it.before.iter().map(|(name, _)| name.as_str());
                (it.rule.as_str(), before.collect(), &it.left)
            })
            .collect()
    }

    fn request(text: &str) -> Left {
        Left::Request(text.to_owned())
    }

    #[test]
    fn a_rule_that_is_partly_taken_shows_a_request_that_is_left() {
        let found = of_route(&mesh(), &id()).unwrap();
        let by_name = |name: &str| said(&found).into_iter().find(|it| it.0 == name).unwrap();
        assert_eq!(by_name("gets").1, [""; 0]);
        assert_eq!(by_name("apart").1, [""; 0]);
        let (_, before, left) = by_name("wide");
        assert_eq!(before, ["gets"], "what is dead takes nothing");
        assert_eq!(*left, request("GET /api"));
        assert_eq!(by_name("dead"), ("dead", vec!["gets"], &Left::Nothing));
        assert_eq!(found[0].rule, "gets", "the order in which they decide");
    }

    #[test]
    fn an_allow_entry_shows_what_denies_leave() {
        let found = of_access(&mesh(), &id()).unwrap();
        let left = request("GET /api/a, from spiffe://test.example/ns/shop/sa/b");
        assert_eq!(said(&found), [("reads", vec!["closed"], &left)]);
    }
}
