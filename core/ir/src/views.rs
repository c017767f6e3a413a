use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{
    Access, CallerMatch, ExternalService, Gateway, Mesh, ObjectRef, RateLimit, Role, Route, Scope,
    Service, Snapshot, Subject, Telemetry, TokenIssuer,
};

/// Finds what each role sees of a mesh. Made once for all roles: a view then costs
/// what it holds, not what the mesh holds.
#[derive(Debug)]
pub struct Views<'m> {
    mesh: &'m Mesh,
    routes: About<'m, Route>,
    access: About<'m, Access>,
    limits: About<'m, RateLimit>,
    telemetry: About<'m, Telemetry>,
}

/// One role's closed view: what it may call and what it must enforce, and nothing else.
/// Lists are sorted by namespace and name.
#[derive(Debug)]
pub struct View<'m> {
    /// Services that the role serves or calls.
    pub services: Vec<&'m Service>,
    /// Routes of what it calls, and of the gateways that it is.
    pub routes: Vec<&'m Route>,
    /// Access to what it enforces: the services it serves, the gateways that it is, and
    /// the external services it calls that no gateway stands before.
    pub access: Vec<&'m Access>,
    /// Limits of what it enforces.
    pub limits: Vec<&'m RateLimit>,
    /// Issuers that the access, limits and routes in view name.
    pub issuers: Vec<&'m TokenIssuer>,
    /// The gateways that it is, and those that it leaves through.
    pub gateways: Vec<&'m Gateway>,
    /// External services called.
    pub externals: Vec<&'m ExternalService>,
    /// What its own proxies write down.
    pub telemetry: Vec<&'m Telemetry>,
}

impl<'m> Views<'m> {
    /// Of every role of a mesh.
    pub fn of(mesh: &'m Mesh) -> Self {
        Self {
            mesh,
            routes: About::of(&mesh.routes, |it| &it.target.scope),
            access: About::of(&mesh.access, |it| &it.target.scope),
            limits: About::of(&mesh.limits, |it| &it.target.scope),
            telemetry: About::of(&mesh.telemetry, |it| &it.target.scope),
        }
    }

    /// Of one role.
    pub fn view(&self, role: &Role) -> View<'m> {
        let mesh = self.mesh;
        let serves = role.serves.iter().map(Subject::Service);
        let own: Vec<_> = serves
            .chain(role.gateways.iter().map(Subject::Gateway))
            .collect();
        let externals = found(&mesh.externals, role.externals.iter());
        let judged = externals.iter().filter(|it| is_judged_by(it, role));
        let enforced = own.iter().copied();
        let enforced: Vec<_> = enforced
            .chain(judged.map(|it| Subject::External(&it.id)))
            .collect();
        let called = role.calls.iter().map(Subject::Service);
        let called = called.chain(role.gateways.iter().map(Subject::Gateway));
        let called = called.chain(role.externals.iter().map(Subject::External));
        let called: Vec<_> = called.collect();
        let routes = sorted(self.routes.about(&called), |it| &it.id);
        let access = sorted(self.access.about(&enforced), |it| &it.id);
        let limits = sorted(self.limits.about(&enforced), |it| &it.id);
        let issuers = self.issuers(&routes, &access, &limits);
        let through = externals.iter().filter_map(|it| it.via.as_ref());
        View {
            services: found(&mesh.services, role.serves.iter().chain(role.calls.iter())),
            routes,
            access,
            limits,
            issuers,
            gateways: found(&mesh.gateways, role.gateways.iter().chain(through)),
            externals,
            telemetry: sorted(self.telemetry.about(&own), |it| &it.id),
        }
    }

    /// Those that anything in view names.
    fn issuers(
        &self,
        routes: &[&Route],
        access: &[&Access],
        limits: &[&RateLimit],
    ) -> Vec<&'m TokenIssuer> {
        if self.mesh.issuers.is_empty() {
            return vec![];
        }
        let mut named = BTreeSet::new();
        let mut add = |from: &[CallerMatch]| {
            for caller in from {
                caller.for_each_issuer(&mut |issuer| {
                    named.insert(issuer.clone());
                });
            }
        };
        for route in routes {
            route.rules.iter().for_each(|rule| add(&rule.from));
        }
        for access in access {
            access.rules().for_each(|rule| add(&rule.from));
        }
        for limit in limits {
            limit.limits.iter().for_each(|limit| add(&limit.from));
        }
        found(&self.mesh.issuers, named.iter())
    }
}

impl Mesh {
    /// One role's view, by value. [`Views`] serves whoever wants those of many roles.
    pub fn snapshot(&self, role: &Role) -> Snapshot {
        Views::of(self).snapshot(role)
    }
}

impl Views<'_> {
    /// One role's view, by value.
    pub fn snapshot(&self, role: &Role) -> Snapshot {
        let View {
            services,
            routes,
            access,
            limits,
            issuers,
            gateways,
            externals,
            telemetry,
        } = self.view(role);
        Snapshot {
            settings: self.mesh.settings.clone(),
            role: role.clone(),
            services: services.into_iter().cloned().collect(),
            routes: routes.into_iter().cloned().collect(),
            access: access.into_iter().cloned().collect(),
            limits: limits.into_iter().cloned().collect(),
            issuers: issuers.into_iter().cloned().collect(),
            gateways: gateways.into_iter().cloned().collect(),
            externals: externals.into_iter().cloned().collect(),
            telemetry: telemetry.into_iter().cloned().collect(),
        }
    }
}

/// Whether access to an external service is judged by this role's own proxies: those of
/// the gateway that it is reached through, else the caller's.
fn is_judged_by(external: &ExternalService, role: &Role) -> bool {
    external
        .via
        .as_ref()
        .is_none_or(|via| role.gateways.contains(via))
}

/// Objects by what they speak of.
#[derive(Debug)]
struct About<'m, T> {
    one: BTreeMap<Subject<'m>, Vec<&'m T>>,
    several: Vec<(&'m Scope, &'m T)>,
}

impl<'m, T> About<'m, T> {
    fn of(objects: &'m BTreeMap<ObjectRef, Arc<T>>, scope: impl Fn(&'m T) -> &'m Scope) -> Self {
        let mut about = Self {
            one: BTreeMap::new(),
            several: vec![],
        };
        for object in objects.values() {
            let scope = scope(object);
            match scope.subject() {
                Some(subject) => about.one.entry(subject).or_default().push(object),
                None => about.several.push((scope, object)),
            }
        }
        about
    }

    /// Those that speak of one of the subjects, each once, in no order.
    fn about(&self, subjects: &[Subject<'_>]) -> Vec<&'m T> {
        let several = self.several.iter();
        let several =
            several.filter(|(scope, _)| subjects.iter().any(|subject| scope.is_about(*subject)));
        subjects
            .iter()
            .filter_map(|subject| self.one.get(subject))
            .flatten()
            .copied()
            .chain(several.map(|(_, object)| *object))
            .collect()
    }
}

/// The objects of these names, each once, in the order of their names.
fn found<'m, 'i, K: Ord + 'i, T>(
    objects: &'m BTreeMap<K, Arc<T>>,
    ids: impl Iterator<Item = &'i K>,
) -> Vec<&'m T> {
    let mut ids: Vec<&K> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
        .filter_map(|id| objects.get(id))
        .map(AsRef::as_ref)
        .collect()
}

fn sorted<T, K: Ord>(mut objects: Vec<&T>, id: impl Fn(&T) -> &K) -> Vec<&T> {
    objects.sort_by(|a, b| id(a).cmp(id(b)));
    objects
}

#[cfg(test)]
mod tests;
