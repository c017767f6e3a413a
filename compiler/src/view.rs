//! What each role sees. Nobody writes it: it follows from `Access` and `calls`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use mesh_ir::{
    Access, AccessRule, CallerMatch, DefaultAccess, Name, Role, Scope, Service, ServiceRef,
    SpiffeId, Who,
};

use crate::algebra::CallerSet;
use crate::lower::Lowered;

/// Every role of the mesh, sorted: each account of each service, and what it may call.
///
/// A service is in a role's view iff some enforced `allow` about one of its ports
/// can have the role as caller, whatever the request, or the default allows; what
/// the role serves narrows it by `calls`.
pub(crate) fn roles(mesh: &Lowered<'_>) -> Vec<Role> {
    let mut roles: Vec<Role> = mesh
        .services
        .values()
        .flat_map(|service| {
            service.accounts.iter().map(|identity| Role {
                identity: identity.clone(),
                serves: vec![service.id.clone()],
                calls: vec![],
            })
        })
        .collect();
    roles.sort();
    let callers = Callers::of(mesh, &roles);
    let narrowed: Vec<Option<BTreeSet<&ServiceRef>>> = roles
        .iter()
        .map(|role| declared_calls(mesh, &role.serves))
        .collect();
    let mut calls: Vec<Vec<ServiceRef>> = vec![vec![]; roles.len()];
    for service in mesh.services.values() {
        for index in callers.of_service(mesh, service) {
            let declared = &narrowed[index];
            if declared.as_ref().is_none_or(|it| it.contains(&service.id)) {
                calls[index].push(service.id.clone());
            }
        }
    }
    for (role, calls) in roles.iter_mut().zip(calls) {
        role.calls = calls;
    }
    roles
}

/// What the services of a role declare to call; `None` as soon as one says nothing.
fn declared_calls<'m>(
    mesh: &'m Lowered<'_>,
    serves: &[ServiceRef],
) -> Option<BTreeSet<&'m ServiceRef>> {
    serves
        .iter()
        .filter_map(|id| mesh.services.get(id))
        .map(|service| service.calls.as_ref())
        .try_fold(BTreeSet::new(), |mut all, calls| {
            all.extend(calls?.iter().map(|call| &call.service));
            Some(all)
        })
}

/// Roles by who they are.
struct Callers<'m> {
    roles: &'m [Role],
    by_identity: BTreeMap<&'m SpiffeId, Vec<usize>>,
    by_namespace: BTreeMap<&'m str, Vec<usize>>,
    /// Enforced access documents by the services they speak of.
    by_service: BTreeMap<&'m ServiceRef, Vec<&'m Access>>,
    wide: Vec<Wide<'m>>,
    /// What entries that every role is compared with have meant before.
    known: RefCell<BTreeMap<&'m CallerMatch, Rc<[usize]>>>,
}

/// A document about several services, whose callers are found once.
struct Wide<'m> {
    access: &'m Access,
    callers: BTreeSet<usize>,
}

impl<'m> Callers<'m> {
    fn of(mesh: &'m Lowered<'_>, roles: &'m [Role]) -> Self {
        let mut callers = Self {
            roles,
            by_identity: BTreeMap::new(),
            by_namespace: BTreeMap::new(),
            by_service: BTreeMap::new(),
            wide: vec![],
            known: RefCell::default(),
        };
        for (index, role) in roles.iter().enumerate() {
            let id = &role.identity;
            callers.by_identity.entry(id).or_default().push(index);
            if let Some(namespace) = id.namespace() {
                let of = callers.by_namespace.entry(namespace).or_default();
                of.push(index);
            }
        }
        for access in mesh.access.iter().map(|it| &it.ir).filter(|it| !it.shadow) {
            if let Scope::Service(service) = &access.target.scope {
                callers.by_service.entry(service).or_default().push(access);
            } else {
                let found = callers.of_entries(mesh, &access.allow);
                callers.wide.push(Wide {
                    access,
                    callers: found,
                });
            }
        }
        callers
    }

    /// The roles that have a service in their view, before `calls` narrows it.
    fn of_service(&self, mesh: &'m Lowered<'_>, service: &Service) -> BTreeSet<usize> {
        if service.ports.is_empty() {
            return BTreeSet::new();
        }
        let about = |access: &Access| {
            let target = &access.target;
            service
                .ports
                .iter()
                .any(|it| target.covers(&service.id, &it.name))
        };
        let direct: Vec<&Access> = self
            .by_service
            .get(&service.id)
            .into_iter()
            .flatten()
            .copied()
            .filter(|access| about(access))
            .collect();
        let wide: Vec<&Wide<'_>> = self.wide.iter().filter(|it| about(it.access)).collect();
        let default = mesh.settings.access_default(&service.id.namespace).mode;
        let spoken_of = |port: &Name| {
            let mut all = direct
                .iter()
                .copied()
                .chain(wide.iter().map(|it| it.access));
            all.any(|it| it.target.covers(&service.id, port) && !it.allow.is_empty())
        };
        if default == DefaultAccess::Allow && !service.ports.iter().all(|it| spoken_of(&it.name)) {
            return (0..self.roles.len()).collect();
        }
        let mut found = BTreeSet::new();
        for access in direct {
            found.extend(self.of_entries(mesh, &access.allow));
        }
        for wide in wide {
            found.extend(&wide.callers);
        }
        found
    }

    fn of_entries(&self, mesh: &Lowered<'_>, allow: &'m [AccessRule]) -> BTreeSet<usize> {
        allow
            .iter()
            .flat_map(|rule| &rule.from)
            .flat_map(|entry| self.of_entry(mesh, entry).to_vec())
            .collect()
    }

    /// The roles that an entry may mean: a superset by index, then each one judged.
    fn of_entry(&self, mesh: &Lowered<'_>, entry: &'m CallerMatch) -> Rc<[usize]> {
        let set = CallerSet::of(entry, &mesh.settings.trust_domain);
        let may_be = |index: &usize| set.may_be(&self.roles[*index].identity);
        match &entry.who {
            Who::Service { identities, .. } => identities
                .iter()
                .filter_map(|id| self.by_identity.get(id))
                .flatten()
                .copied()
                .filter(may_be)
                .collect(),
            Who::Namespace(namespace) => self
                .by_namespace
                .get(namespace.as_str())
                .into_iter()
                .flatten()
                .copied()
                .filter(may_be)
                .collect(),
            Who::Identity(_) | Who::Authenticated | Who::Anyone => {
                let mut known = self.known.borrow_mut();
                let found = known
                    .entry(entry)
                    .or_insert_with(|| (0..self.roles.len()).filter(may_be).collect());
                Rc::clone(found)
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
}
