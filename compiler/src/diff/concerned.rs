use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{DefaultAccess, Mesh, Scope, Subject};

use super::side::Target;
use crate::placeless::{Placeless, same};

/// What is called and may be judged or routed otherwise: where nothing about a target
/// says anything else, nothing is compared.
pub(super) fn concerned(base: &Mesh, head: &Mesh) -> BTreeSet<Target> {
    let mut found = Found {
        meshes: [base, head],
        targets: BTreeSet::new(),
    };
    for (id, _, _) in changed(&base.services, &head.services) {
        found.targets.insert(Target::Service(id.clone()));
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
