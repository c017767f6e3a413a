use std::collections::BTreeMap;

use mesh_identity::SpiffeId;

use crate::{
    Access, ObjectRef, RateLimit, Role, Route, Scope, Service, ServiceRef, Settings, Snapshot,
};

/// Everything that a commit says, resolved, checked and with defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mesh {
    /// From `Mesh`.
    pub settings: Settings,
    /// By namespace and name.
    pub services: BTreeMap<ServiceRef, Service>,
    /// By namespace and name.
    pub routes: BTreeMap<ObjectRef, Route>,
    /// By namespace and name.
    pub access: BTreeMap<ObjectRef, Access>,
    /// By namespace and name.
    pub limits: BTreeMap<ObjectRef, RateLimit>,
    /// Every role, sorted: what each identity serves and may call.
    pub roles: Vec<Role>,
}

impl Mesh {
    /// The role of a workload by its identity and the services it serves (sorted).
    pub fn role(&self, identity: &SpiffeId, serves: &[ServiceRef]) -> Option<&Role> {
        self.roles
            .iter()
            .find(|role| role.identity == *identity && role.serves == serves)
    }

    /// One role's closed view: what it may call and what it must enforce, and nothing else.
    ///
    /// Services it serves or calls; routes of the services it calls; access and
    /// limits about the services it serves.
    pub fn snapshot(&self, role: &Role) -> Snapshot {
        let in_view = |id: &ServiceRef| role.serves.contains(id) || role.calls.contains(id);
        let enforces = |scope: &Scope| role.serves.iter().any(|service| scope.covers(service));
        let calls = |scope: &Scope| role.calls.iter().any(|service| scope.covers(service));
        Snapshot {
            settings: self.settings.clone(),
            role: role.clone(),
            services: self
                .services
                .values()
                .filter(|s| in_view(&s.id))
                .cloned()
                .collect(),
            routes: self
                .routes
                .values()
                .filter(|r| calls(&r.target.scope))
                .cloned()
                .collect(),
            access: self
                .access
                .values()
                .filter(|a| enforces(&a.target.scope))
                .cloned()
                .collect(),
            limits: self
                .limits
                .values()
                .filter(|l| enforces(&l.target.scope))
                .cloned()
                .collect(),
        }
    }
}
