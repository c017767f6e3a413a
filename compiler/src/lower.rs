//! From a program to the intermediate representation, with every default filled in.
//!
//! What cannot be lowered – a name that means nothing – is left out whole: it has
//! its diagnostic, and a rule without one of its callers would be another rule.

mod access;
mod answer;
mod balancing;
mod claim;
mod context;
mod defaults;
mod external;
mod gateway;
mod health;
mod issuer;
mod limit;
mod lists;
mod matching;
mod mesh;
mod outcome;
mod rollout;
mod route;
mod rule;
mod rule_id;
mod service;
mod size;
mod telemetry;

pub(crate) use access::LoweredAccess;
pub use claim::{Claim, Invariant};
pub(crate) use external::LoweredExternal;
pub(crate) use gateway::LoweredGateway;
pub(crate) use limit::LoweredLimit;
pub(crate) use route::RoutesOf;
pub(crate) use size::{MAX_PARTS, MAX_RULES, Size};
pub(crate) use telemetry::LoweredTelemetry;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{Mesh, ObjectRef, Role, Rollout, Scope, Service, ServiceRef, Settings, TokenIssuer};

use crate::resolve::Program;
use crate::sources::Sources;
use crate::syntax::ast::{self, Object};
use context::Context;

/// The program in the intermediate representation, beside the documents it came from.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// From the one `Mesh`.
    pub(crate) settings: Settings,
    /// By namespace and name.
    pub(crate) services: BTreeMap<ServiceRef, Arc<Service>>,
    /// The routes of each service, gateway and external service that has any, ranked.
    pub(crate) routes: BTreeMap<Scope, Arc<RoutesOf>>,
    /// By namespace and name.
    pub(crate) access: BTreeMap<ObjectRef, Arc<LoweredAccess>>,
    /// By namespace and name.
    pub(crate) limits: BTreeMap<ObjectRef, Arc<LoweredLimit>>,
    /// By namespace and name.
    pub(crate) issuers: BTreeMap<ObjectRef, Arc<TokenIssuer>>,
    /// By namespace and name.
    pub(crate) gateways: BTreeMap<ObjectRef, LoweredGateway>,
    /// By namespace and name.
    pub(crate) externals: BTreeMap<ServiceRef, LoweredExternal>,
    /// By namespace and name.
    pub(crate) telemetry: BTreeMap<ObjectRef, LoweredTelemetry>,
    /// The one, or the first.
    pub(crate) rollout: Option<Arc<Rollout>>,
    /// By name.
    pub(crate) invariants: Vec<Invariant>,
}

/// What was lowered before, and the services that have to be lowered again.
pub(crate) struct Known<'k> {
    pub(crate) lowered: &'k Lowered,
    pub(crate) concerned: &'k BTreeSet<ServiceRef>,
}

/// Lowers a part of a program; `None` without a `Mesh`, since identities need its
/// trust domain.
pub(crate) fn lower(
    program: &Program,
    part: &Program,
    known: Option<&Known<'_>>,
    sources: &Sources,
) -> Option<Lowered> {
    let mesh = program.mesh.as_ref()?;
    let settings = mesh::lower(program, mesh, sources);
    let context = Context::new(program, part, sources, mesh);
    let services = || {
        if let Some(known) = known {
            return known.with_services_again(&context);
        }
        let lower = |(id, written): (&ServiceRef, &Arc<Object<ast::Service>>)| {
            let lowered = service::lower(&context, id, written)?;
            Some((id.clone(), Arc::new(lowered)))
        };
        part.services.iter().filter_map(lower).collect()
    };
    // No part looks at another; access is as much work as the others together.
    let others = || (services(), route::lower(&context), limit::lower(&context));
    let (access, (services, routes, limits)) = part.both(|| access::lower(&context), others);
    Some(Lowered {
        settings,
        services,
        routes,
        access,
        limits,
        issuers: issuer::lower(&context),
        gateways: gateway::lower(&context),
        externals: external::lower(&context),
        telemetry: telemetry::lower(&context),
        rollout: rollout::lower(&context).map(Arc::new),
        invariants: claim::invariants(&context),
    })
}

/// One service by itself, in the place of the one of its name.
pub(crate) fn service(
    program: &Program,
    id: &ServiceRef,
    written: &Object<ast::Service>,
    sources: &Sources,
) -> Option<Service> {
    let mesh = program.mesh.as_ref()?;
    service::lower(&Context::new(program, program, sources, mesh), id, written)
}

impl Known<'_> {
    /// The services of before, those concerned anew.
    fn with_services_again(&self, context: &Context<'_>) -> BTreeMap<ServiceRef, Arc<Service>> {
        let mut services = self.lowered.services.clone();
        for id in self.concerned {
            services.remove(id);
            let written = context.program.services.get(id);
            if let Some(lowered) = written.and_then(|it| service::lower(context, id, it)) {
                services.insert(id.clone(), Arc::new(lowered));
            }
        }
        services
    }
}

impl Lowered {
    /// Takes what was lowered again about some services and about several at once.
    pub(crate) fn replace(&mut self, concerned: &BTreeSet<ServiceRef>, anew: &Self) {
        self.services.clone_from(&anew.services);
        let stays = |scope: &Scope| match scope {
            Scope::Service(service) => !concerned.contains(service),
            _ => false,
        };
        self.routes.retain(|scope, _| stays(scope));
        self.routes.extend(shared(&anew.routes));
        self.access.retain(|_, it| stays(&it.ir.target.scope));
        self.access.extend(shared(&anew.access));
        self.limits.retain(|_, it| stays(&it.ir.target.scope));
        self.limits.extend(shared(&anew.limits));
        self.invariants.clone_from(&anew.invariants);
    }

    /// The routes of one service, where it has any.
    pub(crate) fn routes_of(&self, service: &ServiceRef) -> Option<&RoutesOf> {
        let routes = self.routes.get(&Scope::Service(service.clone()))?;
        Some(routes)
    }

    /// The services that have routes, with them.
    pub(crate) fn service_routes(&self) -> impl Iterator<Item = (&ServiceRef, &RoutesOf)> {
        self.routes
            .iter()
            .filter_map(|(scope, routes)| match scope {
                Scope::Service(service) => Some((service, &**routes)),
                _ => None,
            })
    }

    /// The mesh, with who sees what.
    pub(crate) fn to_mesh(&self, roles: Arc<Vec<Role>>) -> Mesh {
        let routes = self.routes.values().flat_map(|it| &it.routes);
        Mesh {
            settings: self.settings.clone(),
            services: own(self.services.iter()),
            routes: own(routes.map(|it| (&it.ir.id, &it.ir))),
            access: own(self.access.values().map(|it| (&it.ir.id, &it.ir))),
            limits: own(self.limits.values().map(|it| (&it.ir.id, &it.ir))),
            issuers: self.issuers.clone(),
            gateways: own(self.gateways.iter().map(|(id, it)| (id, &it.ir))),
            externals: own(self.externals.iter().map(|(id, it)| (id, &it.ir))),
            telemetry: own(self.telemetry.iter().map(|(id, it)| (id, &it.ir))),
            rollout: self.rollout.clone(),
            roles,
        }
    }
}

fn shared<K: Ord + Clone, T>(objects: &BTreeMap<K, Arc<T>>) -> impl Iterator<Item = (K, Arc<T>)> {
    let all = objects.iter();
    all.map(|(id, it)| (id.clone(), Arc::clone(it)))
}

fn own<'l, K: Ord + Clone + 'l, T: 'l>(
    objects: impl Iterator<Item = (&'l K, &'l Arc<T>)>,
) -> BTreeMap<K, Arc<T>> {
    objects
        .map(|(id, it)| (id.clone(), Arc::clone(it)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mesh_ir::{Action, Forward, Mesh, RouteRule};

    use crate::testing::mesh_of;

    const SERVICE: &str = "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
";

    fn rules(mesh: &Mesh) -> Vec<&RouteRule> {
        mesh.routes.values().flat_map(|it| &it.rules).collect()
    }

    fn forward(rule: &RouteRule) -> &Forward {
        match &rule.action {
            Action::Forward(forward) => forward,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn defaults_come_from_mesh_then_namespace_then_document() {
        let mesh = mesh_of(&format!(
            "{SERVICE}kind: Mesh
metadata: {{name: test}}
spec:
  trustDomain: test.example
  defaults: {{timeout: 9s, connectTimeout: 3s}}
  namespaces: {{shop: {{defaults: {{timeout: 5s}}}}}}
---
kind: Route
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  rules:
    - {{name: own, match: [{{paths: [/x]}}], timeout: 2s, retries: {{attempts: 5}}}}
    - {{name: rest}}
"
        ));
        let rules = rules(&mesh);
        let timeouts = rules.iter().map(|it| forward(it).timeout);
        let expected = [2, 5].map(|n| Some(Duration::from_secs(n)));
        assert_eq!(timeouts.collect::<Vec<_>>(), expected);
        assert_eq!(forward(rules[0]).retries.attempts, 5);
        assert_eq!(forward(rules[1]).retries.attempts, 2);
        let service = mesh.services.values().next().unwrap();
        assert_eq!(service.connect_timeout, Duration::from_secs(3));
    }

    #[test]
    fn the_more_specific_rule_comes_first_whatever_was_written_first() {
        let mesh = mesh_of(&format!(
            "{SERVICE}kind: Route
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  rules:
    - {{name: all, to: [{{version: v1}}]}}
    - {{name: deep, match: [{{paths: [/x/y]}}], to: [{{version: v2}}]}}
    - {{name: below, match: [{{paths: [/x/**]}}], to: [{{version: v1}}]}}
    - {{name: first, priority: 1, match: [{{methods: [PUT]}}], to: [{{version: v2}}]}}
"
        ));
        let ids: Vec<_> = rules(&mesh).iter().map(|it| it.id.to_string()).collect();
        assert_eq!(ids, ["first", "deep", "below", "all"]);
        assert_eq!(rules(&mesh)[1].rank.depth, 2);
    }

    #[test]
    fn an_origin_is_where_the_entry_begins() {
        let mesh = mesh_of(&format!(
            "{SERVICE}kind: Access
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  allow:
    - from: [{{namespace: shop}}]
      match: [{{grpc: [shop.v1.Reviews/*]}}]
"
        ));
        let access = mesh.access.values().next().unwrap();
        let rule = &access.allow[0];
        assert_eq!((rule.origin.line, rule.origin.column), (13, 7));
        assert_eq!(rule.matches[0].methods, ["POST"]);
        assert_eq!(rule.matches[0].paths[0].to_string(), "/shop.v1.Reviews/*");
        assert_eq!(rule.id.0.len(), 8);
    }

    #[test]
    fn a_backend_of_another_service_names_its_port() {
        let mesh = mesh_of(&format!(
            "{SERVICE}kind: Service
metadata: {{name: b, namespace: shop}}
spec: {{ports: {{http: 8080}}}}
---
kind: Route
metadata: {{name: a, namespace: shop}}
spec: {{service: a, rules: [{{to: [{{service: b}}]}}]}}
"
        ));
        let backend = &forward(rules(&mesh)[0]).backends[0];
        assert_eq!(backend.weight, 1);
        let target = format!("{:?}", backend.target);
        assert!(target.contains("port: \"http\""), "{target}");
    }
}
