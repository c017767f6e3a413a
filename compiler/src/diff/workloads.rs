use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{Mesh, ObjectRef, Role, Scope, ServiceRef, SpiffeId, Subject};

use super::concerned::changed;
use super::side::{Side, Target};
use crate::placeless::Placeless as _;

/// `namespace/service` of what a role serves, or is, whose bundle says something else.
pub(super) fn changed_bundles(base: &Mesh, head: &Mesh) -> Vec<String> {
    let touched = Touched::of(base, head);
    let mut known: BTreeMap<(&SpiffeId, &[ServiceRef]), &Role> = BTreeMap::new();
    for role in base.roles.iter() {
        known.insert((&role.identity, &role.serves), role);
    }
    let mut found = BTreeSet::new();
    for role in head.roles.iter() {
        let before = known.remove(&(&role.identity, role.serves.as_slice()));
        if before.is_none_or(|before| before != role || touched.sees(role)) {
            name(role, &mut found);
        }
    }
    for role in known.into_values() {
        name(role, &mut found);
    }
    found.into_iter().collect()
}

fn name(role: &Role, found: &mut BTreeSet<String>) {
    let services = role.serves.iter();
    found.extend(services.map(|it| format!("{}/{}", it.namespace, it.name)));
    found.extend(role.gateways.iter().map(ToString::to_string));
}

/// What says something else than before.
struct Touched<'m> {
    everybody: bool,
    /// By whoever serves or calls them.
    objects: BTreeSet<Target>,
    /// What only callers hear of.
    called: Vec<&'m Scope>,
    /// What only those who enforce it hear of.
    enforced: Vec<&'m Scope>,
}

impl<'m> Touched<'m> {
    fn of(base: &'m Mesh, head: &'m Mesh) -> Self {
        let mut objects = BTreeSet::new();
        let services = changed(&base.services, &head.services).into_iter();
        objects.extend(services.map(|(id, _, _)| Target::Service(id.clone())));
        let externals = changed(&base.externals, &head.externals).into_iter();
        objects.extend(externals.map(|(id, _, _)| Target::External(id.clone())));
        let gateways = changed(&base.gateways, &head.gateways).into_iter();
        objects.extend(gateways.map(|(id, _, _)| Target::Gateway(id.clone())));
        let mut called = vec![];
        for (_, before, after) in changed(&base.routes, &head.routes) {
            called.extend(
                [before, after]
                    .into_iter()
                    .flatten()
                    .map(|it| &it.target.scope),
            );
        }
        let mut enforced = vec![];
        for (_, before, after) in changed(&base.access, &head.access) {
            enforced.extend(
                [before, after]
                    .into_iter()
                    .flatten()
                    .map(|it| &it.target.scope),
            );
        }
        for (_, before, after) in changed(&base.limits, &head.limits) {
            enforced.extend(
                [before, after]
                    .into_iter()
                    .flatten()
                    .map(|it| &it.target.scope),
            );
        }
        Self {
            everybody: base.settings.placeless() != head.settings.placeless()
                || !changed(&base.issuers, &head.issuers).is_empty()
                || telemetry(base) != telemetry(head),
            objects,
            called,
            enforced,
        }
    }

    fn sees(&self, role: &Role) -> bool {
        let meets = |scope: &&Scope| {
            let serves = role.serves.iter().map(Subject::Service);
            let mut own = serves.chain(role.gateways.iter().map(Subject::Gateway));
            own.any(|subject| scope.is_about(subject))
                || role
                    .externals
                    .iter()
                    .any(|it| scope.is_about(Subject::External(it)))
        };
        let calls = |scope: &&Scope| {
            scope
                .subject()
                .is_some_and(|it| Side::shows(role, &Target::of(it)))
        };
        let knows = |target: &Target| {
            let serves = matches!(target, Target::Service(id) if role.serves.contains(id));
            serves || Side::shows(role, target)
        };
        self.everybody
            || self.objects.iter().any(knows)
            || self.called.iter().any(calls)
            || self.enforced.iter().any(meets)
    }
}

/// What is written down, without the places where it is said.
fn telemetry(mesh: &Mesh) -> BTreeMap<&ObjectRef, mesh_ir::Telemetry> {
    let all = mesh.telemetry.iter();
    all.map(|(id, it)| {
        let mut it = Arc::unwrap_or_clone(Arc::clone(it));
        it.origin = mesh_ir::Origin::new("", 1, 1);
        (id, it)
    })
    .collect()
}
