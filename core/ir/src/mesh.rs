use std::collections::BTreeMap;

use mesh_identity::SpiffeId;

use crate::{Access, ObjectRef, RateLimit, Role, Route, Service, ServiceRef, Settings};

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
}
