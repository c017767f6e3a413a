use std::collections::BTreeMap;
use std::fmt;

use mesh_ir::{
    Access, Mesh, ObjectRef, RateLimit, Role, Route, Scope, ServiceRef, SpiffeId, Subject,
    Timestamp,
};

use crate::simulate::Simulator;

/// One of the two meshes, with what is looked up in it.
pub(crate) struct Side<'m> {
    pub(crate) mesh: &'m Mesh,
    pub(crate) now: Timestamp,
    pub(crate) simulator: Simulator<'m>,
    /// Of every role, sorted, each once.
    pub(crate) identities: Vec<SpiffeId>,
    /// The first role of each identity, sorted by it.
    roles: Vec<&'m Role>,
    /// Every role, by who it is: services may share an account.
    every_role: BTreeMap<RoleKey<'m>, &'m Role>,
    routes: About<'m, Route>,
    access: About<'m, Access>,
    limits: About<'m, RateLimit>,
}

/// What makes a role one and the same on both sides.
type RoleKey<'m> = (&'m SpiffeId, &'m [ServiceRef], &'m [ObjectRef]);

fn key(role: &Role) -> RoleKey<'_> {
    (&role.identity, &role.serves, &role.gateways)
}

/// Something that is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A service.
    Service(ServiceRef),
    /// The listeners of a gateway.
    Gateway(ObjectRef),
    /// An external service.
    External(ServiceRef),
}

impl Target {
    pub(crate) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Service(id) => Subject::Service(id),
            Self::Gateway(id) => Subject::Gateway(id),
            Self::External(id) => Subject::External(id),
        }
    }

    pub(crate) fn of(subject: Subject<'_>) -> Self {
        match subject {
            Subject::Service(id) => Self::Service(id.clone()),
            Subject::Gateway(id) => Self::Gateway(id.clone()),
            Subject::External(id) => Self::External(id.clone()),
        }
    }
}

/// `reviews.shop`, as references are written.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(id) | Self::External(id) => write!(f, "{id}"),
            Self::Gateway(id) => write!(f, "{}.{}", id.name, id.namespace),
        }
    }
}

impl<'m> Side<'m> {
    pub(crate) fn new(mesh: &'m Mesh, now: Timestamp) -> Self {
        let mut roles: Vec<&Role> = mesh.roles.iter().collect();
        roles.sort_by(|a, b| a.identity.cmp(&b.identity));
        roles.dedup_by(|next, first| next.identity == first.identity);
        Self {
            mesh,
            now,
            simulator: Simulator::new(mesh),
            identities: roles.iter().map(|it| it.identity.clone()).collect(),
            roles,
            every_role: mesh.roles.iter().map(|it| (key(it), it)).collect(),
            routes: About::of(mesh.routes.values().map(AsRef::as_ref), |it| {
                &it.target.scope
            }),
            access: About::of(mesh.access.values().map(AsRef::as_ref), |it| {
                &it.target.scope
            }),
            limits: About::of(mesh.limits.values().map(AsRef::as_ref), |it| {
                &it.target.scope
            }),
        }
    }

    /// Witnesses may be sent by these identities too.
    pub(crate) fn know(&mut self, identities: &[SpiffeId]) {
        if self.identities != identities {
            self.identities.extend_from_slice(identities);
            self.identities.sort();
            self.identities.dedup();
        }
    }

    /// In the order of their names, as proxies have them.
    pub(crate) fn routes(&self, target: &Target) -> Vec<&'m Route> {
        self.routes.about(target, |it| &it.id)
    }

    pub(crate) fn access(&self, target: &Target) -> Vec<&'m Access> {
        self.access.about(target, |it| &it.id)
    }

    pub(crate) fn limits(&self, target: &Target) -> Vec<&'m RateLimit> {
        self.limits.about(target, |it| &it.id)
    }

    /// Whether a role may call it.
    pub(crate) fn shows(role: &Role, target: &Target) -> bool {
        match target {
            Target::Service(id) => role.calls.binary_search(id).is_ok(),
            Target::Gateway(id) => role.gateways.contains(id),
            Target::External(id) => role.externals.binary_search(id).is_ok(),
        }
    }

    /// The first role of an identity.
    pub(super) fn role(&self, identity: &SpiffeId) -> Option<&'m Role> {
        let at = self.roles.binary_search_by(|it| it.identity.cmp(identity));
        self.roles.get(at.ok()?).copied()
    }

    /// Every role, sorted.
    pub(crate) fn every_role(&self) -> impl Iterator<Item = &'m Role> {
        self.every_role.values().copied()
    }

    /// What a role of the other side is here: what serves the same, or else the first
    /// with its identity.
    pub(super) fn same_role(&self, role: &Role) -> Option<&'m Role> {
        let same = self.every_role.get(&key(role)).copied();
        same.or_else(|| self.role(&role.identity))
    }

    /// What people call an identity: the service or gateway that it is, else itself.
    pub(crate) fn name_of(&self, identity: &SpiffeId) -> Option<String> {
        let role = self.role(identity)?;
        let service = role.serves.first().map(ToString::to_string);
        let gateway = role.gateways.first();
        let gateway = || gateway.map(|id| format!("{}.{}", id.name, id.namespace));
        service.or_else(gateway)
    }
}

/// Documents by what they speak of.
struct About<'m, T> {
    one: BTreeMap<Subject<'m>, Vec<&'m T>>,
    several: Vec<(&'m Scope, &'m T)>,
}

impl<'m, T> About<'m, T> {
    fn of(all: impl Iterator<Item = &'m T>, scope: impl Fn(&'m T) -> &'m Scope) -> Self {
        let mut about = Self {
            one: BTreeMap::new(),
            several: vec![],
        };
        for object in all {
            let scope = scope(object);
            match scope.subject() {
                Some(subject) => about.one.entry(subject).or_default().push(object),
                None => about.several.push((scope, object)),
            }
        }
        about
    }

    fn about(&self, target: &Target, id: impl Fn(&T) -> &ObjectRef) -> Vec<&'m T> {
        let subject = target.subject();
        let several = self.several.iter();
        let several = several.filter(|(scope, _)| scope.is_about(subject));
        let one = self.one.get(&subject).into_iter().flatten().copied();
        let mut found: Vec<_> = one.chain(several.map(|(_, it)| *it)).collect();
        found.sort_by(|a, b| id(a).cmp(id(b)));
        found
    }
}
