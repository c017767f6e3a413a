use std::collections::BTreeMap;

use crate::{Access, Mesh, RateLimit, Role, Route, Scope, Service, ServiceRef, Snapshot};

/// Finds what each role sees of a mesh. Made once for all roles: a view then costs
/// what it holds, not what the mesh holds.
#[derive(Debug)]
pub struct Views<'m> {
    mesh: &'m Mesh,
    routes: About<'m, Route>,
    access: About<'m, Access>,
    limits: About<'m, RateLimit>,
}

/// One role's closed view: what it may call and what it must enforce, and nothing else.
/// Lists are sorted by namespace and name.
#[derive(Debug)]
pub struct View<'m> {
    /// Services that the role serves or calls.
    pub services: Vec<&'m Service>,
    /// Routes of the services it calls.
    pub routes: Vec<&'m Route>,
    /// Access to the services it serves.
    pub access: Vec<&'m Access>,
    /// Limits of the services it serves.
    pub limits: Vec<&'m RateLimit>,
}

impl<'m> Views<'m> {
    /// Of every role of a mesh.
    pub fn of(mesh: &'m Mesh) -> Self {
        Self {
            mesh,
            routes: About::of(mesh.routes.values().map(|it| (&it.target.scope, it))),
            access: About::of(mesh.access.values().map(|it| (&it.target.scope, it))),
            limits: About::of(mesh.limits.values().map(|it| (&it.target.scope, it))),
        }
    }

    /// Of one role.
    pub fn view(&self, role: &Role) -> View<'m> {
        let mut ids: Vec<&ServiceRef> = role.serves.iter().chain(role.calls.iter()).collect();
        ids.sort_unstable();
        ids.dedup();
        let services = &self.mesh.services;
        View {
            services: ids.into_iter().filter_map(|id| services.get(id)).collect(),
            routes: sorted(self.routes.about(&role.calls), |it| &it.id),
            access: sorted(self.access.about(&role.serves), |it| &it.id),
            limits: sorted(self.limits.about(&role.serves), |it| &it.id),
        }
    }
}

impl Mesh {
    /// One role's view, by value. [`Views`] serves whoever wants those of many roles.
    pub fn snapshot(&self, role: &Role) -> Snapshot {
        let View {
            services,
            routes,
            access,
            limits,
        } = Views::of(self).view(role);
        Snapshot {
            settings: self.settings.clone(),
            role: role.clone(),
            services: services.into_iter().cloned().collect(),
            routes: routes.into_iter().cloned().collect(),
            access: access.into_iter().cloned().collect(),
            limits: limits.into_iter().cloned().collect(),
        }
    }
}

/// Objects by what they speak of.
#[derive(Debug)]
struct About<'m, T> {
    one: BTreeMap<&'m ServiceRef, Vec<&'m T>>,
    several: Vec<(&'m Scope, &'m T)>,
}

impl<'m, T> About<'m, T> {
    fn of(objects: impl Iterator<Item = (&'m Scope, &'m T)>) -> Self {
        let mut about = Self {
            one: BTreeMap::new(),
            several: vec![],
        };
        for (scope, object) in objects {
            match scope {
                Scope::Service(service) => about.one.entry(service).or_default().push(object),
                Scope::Namespace(_) | Scope::Mesh => about.several.push((scope, object)),
            }
        }
        about
    }

    /// Those that speak of one of the services, each once, in no order.
    fn about(&self, services: &[ServiceRef]) -> Vec<&'m T> {
        let several = self.several.iter();
        let several = several.filter(|(scope, _)| services.iter().any(|it| scope.covers(it)));
        services
            .iter()
            .filter_map(|service| self.one.get(service))
            .flatten()
            .copied()
            .chain(several.map(|(_, object)| *object))
            .collect()
    }
}

fn sorted<T, K: Ord>(mut objects: Vec<&T>, id: impl Fn(&T) -> &K) -> Vec<&T> {
    objects.sort_by(|a, b| id(a).cmp(id(b)));
    objects
}
