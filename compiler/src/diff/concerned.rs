use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{
    Action, BackendTarget, Call, Called, DefaultAccess, Mesh, Role, RouteRule, Scope, Service,
    SpiffeId, Subject,
};

use super::side::Target;
use crate::placeless::{Placeless, same};

/// What is called and may be judged or routed otherwise: where nothing about a target
/// says anything else, nothing is compared.
pub(super) fn concerned(base: &Mesh, head: &Mesh) -> BTreeSet<Target> {
    let mut found = Found {
        meshes: [base, head],
        targets: BTreeSet::new(),
    };
    for (id, before, after) in changed(&base.services, &head.services) {
        found.targets.insert(Target::Service(id.clone()));
        let of = |it: Option<&Service>| it.and_then(|it| it.calls.clone()).unwrap_or_default();
        found.calls(&of(before), &of(after));
    }
    for (id, _, _) in changed(&base.externals, &head.externals) {
        found.targets.insert(Target::External(id.clone()));
    }
    for (id, _, _) in changed(&base.gateways, &head.gateways) {
        found.targets.insert(Target::Gateway(id.clone()));
    }
    for (_, before, after) in changed(&base.routes, &head.routes) {
        found.scopes([before, after].map(|it| it.map(|it| &it.target.scope)));
    }
    for (_, before, after) in changed(&base.access, &head.access) {
        found.scopes([before, after].map(|it| it.map(|it| &it.target.scope)));
    }
    for (_, before, after) in changed(&base.limits, &head.limits) {
        found.scopes([before, after].map(|it| it.map(|it| &it.target.scope)));
    }
    found.defaults();
    found.backends();
    found.targets
}

/// Objects that do not say the same on both sides.
pub(super) fn changed<'m, K: Ord, T: Placeless>(
    base: &'m BTreeMap<K, Arc<T>>,
    head: &'m BTreeMap<K, Arc<T>>,
) -> Vec<(&'m K, Option<&'m T>, Option<&'m T>)> {
    let mut found = vec![];
    for (id, before) in base {
        match head.get(id) {
            Some(after) if same(before, after) => {}
            after => found.push((id, Some(before.as_ref()), after.map(AsRef::as_ref))),
        }
    }
    let new = head.iter().filter(|(id, _)| !base.contains_key(id));
    found.extend(new.map(|(id, after)| (id, None, Some(after.as_ref()))));
    found
}

struct Found<'m> {
    meshes: [&'m Mesh; 2],
    targets: BTreeSet<Target>,
}

impl Found<'_> {
    fn scopes(&mut self, scopes: [Option<&Scope>; 2]) {
        for scope in scopes.into_iter().flatten() {
            match scope.subject() {
                Some(subject) => {
                    self.targets.insert(Target::of(subject));
                }
                None => self.every(|subject| scope.is_about(subject)),
            }
        }
    }

    fn every(&mut self, is_meant: impl Fn(Subject<'_>) -> bool) {
        for mesh in self.meshes {
            let services = mesh.services.keys().map(Subject::Service);
            let externals = mesh.externals.keys().map(Subject::External);
            let gateways = mesh.gateways.keys().map(Subject::Gateway);
            let all = services.chain(externals).chain(gateways);
            let meant = all.filter(|subject| is_meant(*subject));
            self.targets.extend(meant.map(Target::of));
        }
    }

    /// What is called within other bounds than before.
    fn calls(&mut self, before: &[Call], after: &[Call]) {
        let bounds = |it: &Call| (it.to.clone(), it.timeout, it.attempts);
        let [before, after] =
            [before, after].map(|calls| -> BTreeSet<_> { calls.iter().map(bounds).collect() });
        for (to, _, _) in before.symmetric_difference(&after) {
            self.targets.insert(match to {
                Called::Service(id) => Target::Service(id.clone()),
                Called::External(id) => Target::External(id.clone()),
            });
        }
    }

    /// What is sent on to something that is in other views than before.
    fn backends(&mut self) {
        let moved = moved(self.meshes);
        if moved.is_empty() {
            return;
        }
        for mesh in self.meshes {
            for route in mesh.routes.values() {
                let Some(subject) = route.target.scope.subject() else {
                    continue;
                };
                let sends = |rule: &RouteRule| others(rule).any(|it| moved.contains(&it));
                if route.rules.iter().any(sends) {
                    self.targets.insert(Target::of(subject));
                }
            }
        }
    }

    /// Those of namespaces whose default changes.
    fn defaults(&mut self) {
        let [base, head] = self.meshes;
        if base.settings.trust_domain != head.settings.trust_domain {
            self.every(|_| true);
            return;
        }
        let mode = |mesh: &Mesh, subject: Subject<'_>| -> DefaultAccess {
            mesh.settings.access_default(subject.namespace()).mode
        };
        self.every(|subject| mode(base, subject) != mode(head, subject));
    }
}

/// What some caller sees on one side only.
fn moved([base, head]: [&Mesh; 2]) -> BTreeSet<Target> {
    let mut before: BTreeMap<&SpiffeId, &Role> = BTreeMap::new();
    let mut same: BTreeMap<_, &Role> = BTreeMap::new();
    for role in base.roles.iter() {
        before.entry(&role.identity).or_insert(role);
        same.insert((&role.identity, &role.serves, &role.gateways), role);
    }
    let mut found = BTreeSet::new();
    for new in head.roles.iter() {
        let old = same.get(&(&new.identity, &new.serves, &new.gateways));
        let Some(old) = old.or_else(|| before.get(&new.identity)) else {
            continue;
        };
        let sides = [(*old, new), (new, *old)];
        for (seen, other) in sides {
            if seen.calls != other.calls {
                let gone = seen
                    .calls
                    .iter()
                    .filter(|it| other.calls.binary_search(it).is_err());
                found.extend(gone.cloned().map(Target::Service));
            }
            if seen.externals != other.externals {
                let gone = seen.externals.iter();
                let gone = gone.filter(|it| other.externals.binary_search(it).is_err());
                found.extend(gone.cloned().map(Target::External));
            }
        }
    }
    found
}

/// To whom else a rule may send.
pub(super) fn others(rule: &RouteRule) -> impl Iterator<Item = Target> {
    let forward = match &rule.action {
        Action::Forward(forward) => Some(forward),
        Action::Respond(_) | Action::Redirect(_) => None,
    };
    let targets = forward.into_iter().flat_map(|it| {
        let backends = it.backends.iter().chain(&it.fallback);
        let mirrors = it.mirror.iter().map(|it| &it.target);
        backends.map(|it| &it.target).chain(mirrors)
    });
    targets.filter_map(other)
}

/// Who takes it, where that is not what the route is about.
pub(super) fn other(backend: &BackendTarget) -> Option<Target> {
    match backend {
        BackendTarget::Service | BackendTarget::Version(_) => None,
        BackendTarget::Other { service, .. } => Some(Target::Service(service.clone())),
        BackendTarget::External { service, .. } => Some(Target::External(service.clone())),
    }
}
