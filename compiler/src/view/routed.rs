use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Action, BackendTarget, ObjectRef, Scope, ServiceRef, Subject};

use crate::lower::{Lowered, RoutesOf};

/// What somebody calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Onward<'m> {
    pub(super) services: BTreeSet<&'m ServiceRef>,
    pub(super) externals: BTreeSet<&'m ServiceRef>,
}

/// Where the rules about each target send to.
pub(super) struct Routed<'m>(BTreeMap<&'m Scope, Onward<'m>>);

impl<'m> Routed<'m> {
    pub(super) fn of(mesh: &'m Lowered) -> Self {
        if mesh.gateways.is_empty() {
            return Self(BTreeMap::new());
        }
        let routes = mesh.routes.iter();
        Self(
            routes
                .map(|(scope, routes)| (scope, sent(routes)))
                .collect(),
        )
    }

    /// What gateways call: what their rules send to, and, since it is a call of theirs,
    /// what the rules of that send to.
    pub(super) fn from(&self, gateways: &[ObjectRef]) -> Onward<'m> {
        let mut all = Onward::default();
        let mut next: Vec<Scope> = gateways.iter().cloned().map(Scope::Gateway).collect();
        while let Some(scope) = next.pop() {
            let Some(onward) = self.0.get(&scope) else {
                continue;
            };
            for service in &onward.services {
                if all.services.insert(service) {
                    next.push(Scope::Service((*service).clone()));
                }
            }
            for external in &onward.externals {
                if all.externals.insert(external) {
                    next.push(Scope::External((*external).clone()));
                }
            }
        }
        all
    }
}

/// Whether rules that were lowered again send to whom they sent.
pub(super) fn sends_alike(before: &Lowered, scope: &Scope, now: &RoutesOf) -> bool {
    let then = before.routes.get(scope);
    then.is_some_and(|then| sent(then) == sent(now))
}

/// The services that gateways ask before they let in: authorizers, and providers of limits.
pub(super) fn asked_by<'m>(
    mesh: &'m Lowered,
    gateways: &[ObjectRef],
) -> impl Iterator<Item = &'m ServiceRef> {
    let about = |scope: &Scope| {
        let mut own = gateways.iter().map(Subject::Gateway);
        own.any(|it| scope.is_about(it))
    };
    asked(mesh)
        .filter(move |(scope, _)| about(scope))
        .map(|(_, service)| service)
}

/// Whether documents that were lowered again ask whom they asked.
pub(super) fn asks_alike(before: &Lowered, anew: &Lowered) -> bool {
    let then = |id: &ObjectRef| before.access.get(id)?.ir.authorizer.as_ref();
    let mut access = anew.access.iter();
    let access = access.all(|(id, now)| {
        let now = now.ir.authorizer.as_ref().map(|it| &it.service);
        then(id).map(|it| &it.service) == now
    });
    let then = |id: &ObjectRef| before.limits.get(id)?.ir.provider.as_ref();
    let mut limits = anew.limits.iter();
    access
        && limits.all(|(id, now)| {
            let now = now.ir.provider.as_ref().map(|it| &it.service);
            then(id).map(|it| &it.service) == now
        })
}

fn asked(mesh: &Lowered) -> impl Iterator<Item = (&Scope, &ServiceRef)> {
    let access = mesh.access.values().filter(|it| !it.ir.shadow);
    let authorizers = access.filter_map(|it| {
        let authorizer = it.ir.authorizer.as_ref()?;
        Some((&it.ir.target.scope, &authorizer.service))
    });
    let limits = mesh.limits.values();
    let providers = limits.filter_map(|it| {
        let provider = it.ir.provider.as_ref()?;
        Some((&it.ir.target.scope, &provider.service))
    });
    authorizers.chain(providers)
}

fn sent(routes: &RoutesOf) -> Onward<'_> {
    let mut onward = Onward::default();
    let rules = routes.routes.iter().flat_map(|route| &route.ir.rules);
    for rule in rules {
        let Action::Forward(forward) = &rule.action else {
            continue;
        };
        let backends = forward.backends.iter().chain(&forward.fallback);
        let targets = backends.map(|it| &it.target);
        for target in targets.chain(forward.mirror.iter().map(|it| &it.target)) {
            match target {
                BackendTarget::Service | BackendTarget::Version(_) => {}
                BackendTarget::Other { service, port: _ } => {
                    onward.services.insert(service);
                }
                BackendTarget::External { service, port: _ } => {
                    onward.externals.insert(service);
                }
            }
        }
    }
    onward
}
