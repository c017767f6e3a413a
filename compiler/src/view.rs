//! What each role sees. Nobody writes it: it follows from `Access` and `calls`.

mod callers;
mod routed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{
    AccessRule, Called, ExternalService, ObjectRef, Role, ServiceRef, SpiffeId, Subject,
};

use crate::lower::Lowered;
use callers::{Callee, Callers, OpenTo};
use routed::{Onward, Routed};

/// Every role of the mesh, sorted: each account of each service and gateway, and what it
/// may call.
///
/// A service is in a role's view iff some enforced `allow` about one of its ports
/// can have the role as caller, whatever the request, or the default allows; what
/// the role serves narrows it by `calls`, what a gateway's routes send to, and whom it asks,
/// narrows that of a gateway. The same holds for an external service; the gateway that it is reached
/// through has it in view, too.
pub(crate) fn roles(mesh: &Lowered) -> Vec<Role> {
    let mut roles: Vec<Role> = mesh
        .services
        .values()
        .flat_map(|service| {
            let of = |identity| role(identity, vec![service.id.clone()], vec![]);
            service.accounts.iter().map(of)
        })
        .chain(mesh.gateways.values().flat_map(|gateway| {
            let of = |identity| role(identity, vec![], vec![gateway.ir.id.clone()]);
            gateway.ir.accounts.iter().map(of)
        }))
        .collect();
    roles.sort();
    let mut open = Open::of(mesh, &roles);
    let routed = Routed::of(mesh);
    let seen: Vec<_> = roles
        .iter()
        .enumerate()
        .map(|(index, role)| {
            let narrowed = match role.gateways.as_slice() {
                [] => declared_calls(mesh, &role.serves),
                gateways => {
                    let mut onward = routed.from(gateways);
                    onward.services.extend(routed::asked_by(mesh, gateways));
                    Some(onward)
                }
            };
            match narrowed {
                Some(narrowed) => (
                    open.among(index, &narrowed.services),
                    open.externals(index, role, Some(&narrowed.externals)),
                ),
                None => (open.all(index), open.externals(index, role, None)),
            }
        })
        .collect();
    for (role, (calls, externals)) in roles.iter_mut().zip(seen) {
        role.calls = calls;
        role.externals = externals;
    }
    roles
}

fn role(identity: &SpiffeId, serves: Vec<ServiceRef>, gateways: Vec<ObjectRef>) -> Role {
    Role {
        identity: identity.clone(),
        serves,
        gateways,
        calls: Arc::default(),
        externals: Arc::default(),
    }
}

/// Whether roles see the same after some objects were lowered again; `Service`s say
/// what they said.
pub(crate) fn shows_the_same(before: &Lowered, anew: &Lowered) -> bool {
    let alike = |a: &AccessRule, b: &AccessRule| {
        (&a.from, &a.expires) == (&b.from, &b.expires)
            && a.matches.is_empty() == b.matches.is_empty()
    };
    let gateways = !before.gateways.is_empty();
    if gateways && !routed::asks_alike(before, anew) {
        return false;
    }
    if gateways
        && !anew
            .routes
            .iter()
            .all(|(scope, now)| routed::sends_alike(before, scope, now))
    {
        return false;
    }
    anew.access.iter().all(|(id, now)| {
        before.access.get(id).is_some_and(|then| {
            let (then, now) = (&then.ir, &now.ir);
            (then.shadow, &then.target) == (now.shadow, &now.target)
                && then.allow.len() == now.allow.len()
                && then.allow.iter().zip(&now.allow).all(|(a, b)| alike(a, b))
        })
    })
}

/// What the services of a role declare to call; `None` as soon as one says nothing.
fn declared_calls<'m>(mesh: &'m Lowered, serves: &[ServiceRef]) -> Option<Onward<'m>> {
    let services = serves.iter().filter_map(|id| mesh.services.get(id));
    let mut declared = Onward::default();
    for service in services {
        for call in service.calls.as_ref()? {
            match &call.to {
                Called::Service(service) => declared.services.insert(service),
                Called::External(external) => declared.externals.insert(external),
            };
        }
    }
    Some(declared)
}

/// What is open to whom: services that are open to the same callers by the same wide
/// documents make a group, so that what ten thousand roles see of ten thousand services
/// is not written down pair by pair.
struct Open<'m> {
    /// Every service, sorted; the others name them by their place here.
    services: Vec<&'m ServiceRef>,
    group_of: Vec<usize>,
    groups: Vec<Vec<usize>>,
    of_roles: Vec<OfRole>,
    /// Every external service, sorted, and the roles that it is open to.
    externals: Vec<(&'m ExternalService, BTreeSet<usize>)>,
    /// Lists made before.
    made: BTreeMap<OfRole, Arc<[ServiceRef]>>,
    made_externals: BTreeSet<Arc<[ServiceRef]>>,
}

/// What is open to one role.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct OfRole {
    groups: Vec<usize>,
    /// Services that name it. Sorted.
    single: Vec<usize>,
}

impl<'m> Open<'m> {
    fn of(mesh: &'m Lowered, roles: &[Role]) -> Self {
        let callers = Callers::of(mesh, roles);
        let mut of_roles = vec![OfRole::default(); roles.len()];
        let mut groups: BTreeMap<OpenTo, Vec<usize>> = BTreeMap::new();
        for (place, service) in mesh.services.values().enumerate() {
            let callee = Callee {
                subject: Subject::Service(&service.id),
                ports: &service.ports,
            };
            let (open_to, named) = callers.of_callee(mesh, callee);
            groups.entry(open_to).or_default().push(place);
            for role in named {
                of_roles[role].single.push(place);
            }
        }
        let externals = mesh.externals.values().map(|external| {
            let callee = Callee {
                subject: Subject::External(&external.ir.id),
                ports: &external.ir.ports,
            };
            let (open_to, mut callers_of) = callers.of_callee(mesh, callee);
            callers_of.extend(callers.of_group(&open_to));
            (&*external.ir, callers_of)
        });
        let externals = externals.collect();
        let mut group_of = vec![0; mesh.services.len()];
        for (group, (open_to, services)) in groups.iter().enumerate() {
            for role in callers.of_group(open_to) {
                of_roles[role].groups.push(group);
            }
            for service in services {
                group_of[*service] = group;
            }
        }
        Self {
            services: mesh.services.keys().collect(),
            group_of,
            groups: groups.into_values().collect(),
            of_roles,
            externals,
            made: BTreeMap::new(),
            made_externals: BTreeSet::new(),
        }
    }

    /// The external services in a role's view: those that are open to it – of them, if it
    /// is narrowed, the named ones – and those that are reached through it.
    fn externals(
        &mut self,
        index: usize,
        role: &Role,
        narrowed: Option<&BTreeSet<&ServiceRef>>,
    ) -> Arc<[ServiceRef]> {
        let in_view = self.externals.iter().filter(|(external, callers)| {
            let open = callers.contains(&index);
            let named = narrowed.is_none_or(|names| names.contains(&external.id));
            let through = external.via.as_ref();
            (open && named) || through.is_some_and(|via| role.gateways.contains(via))
        });
        let list: Arc<[ServiceRef]> = in_view.map(|(external, _)| external.id.clone()).collect();
        if let Some(made) = self.made_externals.get(&list) {
            return Arc::clone(made);
        }
        self.made_externals.insert(Arc::clone(&list));
        list
    }

    /// Those of some services that are open to a role.
    fn among(&self, role: usize, services: &BTreeSet<&ServiceRef>) -> Arc<[ServiceRef]> {
        let of_role = &self.of_roles[role];
        let is_open = |id: &&ServiceRef| {
            let place = self.services.binary_search(id);
            place.is_ok_and(|place| {
                of_role.groups.contains(&self.group_of[place])
                    || of_role.single.binary_search(&place).is_ok()
            })
        };
        services.iter().copied().filter(is_open).cloned().collect()
    }

    /// All that is open to a role.
    fn all(&mut self, role: usize) -> Arc<[ServiceRef]> {
        let mut of_role = self.of_roles[role].clone();
        let OfRole { groups, single } = &mut of_role;
        single.retain(|place| !groups.contains(&self.group_of[*place]));
        if let Some(made) = self.made.get(&of_role) {
            return Arc::clone(made);
        }
        let OfRole { groups, single } = &of_role;
        let grouped = groups.iter().flat_map(|group| &self.groups[*group]);
        let mut places: Vec<usize> = grouped.chain(single).copied().collect();
        places.sort_unstable();
        let list: Arc<[ServiceRef]> = places
            .into_iter()
            .map(|place| self.services[place].clone())
            .collect();
        self.made.insert(of_role, Arc::clone(&list));
        list
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::testing::mesh_of;

    /// What the role of `service.shop` calls, by name.
    fn calls_of(text: &str, service: &str) -> Vec<String> {
        let mesh = mesh_of(&format!("{SERVICES}{text}"));
        let mut roles = mesh.roles.iter();
        let role = roles.find(|role| role.serves[0].name.as_str() == service);
        let calls = &role.expect("a role for each service").calls;
        calls.iter().map(|it| it.name.to_string()).collect()
    }

    const SERVICES: &str = "
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: narrow, namespace: shop}
spec: {calls: [{service: a}]}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: c, namespace: labs}
spec: {ports: {http: 80}}
---
";

    #[test]
    fn an_allow_makes_visible_whatever_it_matches() {
        let access = "kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, allow: [{from: [{service: page}], match: [{methods: [GET]}]}]}
";
        assert_eq!(calls_of(access, "page"), ["a"]);
        assert_eq!(calls_of(access, "b"), [] as [&str; 0]);
    }

    #[test]
    fn a_match_on_every_service_shows_none_that_has_no_http_port() {
        let text = "kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tcp: 5432}}
---
kind: Access
metadata: {name: health, namespace: shop}
spec: {all: namespace, allow: [{from: [{service: page}], match: [{paths: [/health]}]}]}
";
        assert_eq!(calls_of(text, "page"), ["a", "b"]);
    }

    #[test]
    fn calls_narrow_what_is_visible() {
        let access = "kind: Access
metadata: {name: all, namespace: shop}
spec: {all: namespace, allow: [{from: [{namespace: shop}]}]}
";
        assert_eq!(calls_of(access, "page"), ["a", "b"]);
        assert_eq!(calls_of(access, "narrow"), ["a"]);
        assert_eq!(calls_of(access, "c"), [] as [&str; 0]);
    }

    #[test]
    fn whom_not_names_wholly_does_not_see_and_a_shadow_shows_nothing() {
        let access = "kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, allow: [{from: [{authenticated: true, not: [{service: page}]}]}]}
---
kind: Access
metadata: {name: b, namespace: shop}
spec: {service: b, shadow: true, allow: [{from: [{service: page}]}]}
";
        assert_eq!(calls_of(access, "page"), [] as [&str; 0]);
        assert_eq!(calls_of(access, "b"), ["a"]);
    }

    #[test]
    fn default_allow_shows_what_no_allow_speaks_of() {
        let text = "kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  access: {default: allow, exception: {owner: a, reason: b, expires: 2099-01-01}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, allow: [{from: [{service: b}]}]}
---
kind: Access
metadata: {name: b, namespace: shop}
spec: {service: b, deny: [{match: [{paths: [/admin/**]}]}]}
";
        assert_eq!(calls_of(text, "page"), ["c", "b"]);
    }

    #[test]
    fn default_allow_shows_what_an_allow_speaks_of_in_part() {
        let text = "kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  access: {default: allow, exception: {owner: a, reason: b, expires: 2099-01-01}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, hosts: [a.internal], allow: [{from: [{service: b}]}]}
";
        assert!(calls_of(text, "page").contains(&"a".to_owned()));
    }

    #[test]
    fn roles_that_see_the_same_share_the_list() {
        let mesh = mesh_of(&format!(
            "{SERVICES}kind: Access
metadata: {{name: all, namespace: shop}}
spec: {{all: mesh, allow: [{{from: [{{authenticated: true}}]}}]}}
---
kind: Access
metadata: {{name: a, namespace: shop}}
spec: {{service: a, allow: [{{from: [{{service: page}}]}}]}}
"
        ));
        let calls = |name: &str| {
            let mut roles = mesh.roles.iter();
            let role = roles.find(|role| role.serves[0].name.as_str() == name);
            Arc::clone(&role.expect("a role for each service").calls)
        };
        assert_eq!(calls("page").len(), 3);
        assert!(Arc::ptr_eq(&calls("page"), &calls("b")));
        assert_eq!(calls("narrow").len(), 1);
    }
}
