use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_identity::SpiffeId;

use crate::{
    Access, ExternalService, Gateway, ObjectRef, RateLimit, Role, Rollout, Route, Service,
    ServiceRef, Settings, Telemetry, TokenIssuer,
};

/// Everything that a commit says, resolved, checked and with defaults filled in.
///
/// Objects are shared: an unchanged one is the same in the meshes of two compilations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mesh {
    /// From `Mesh`.
    pub settings: Settings,
    /// By namespace and name.
    pub services: BTreeMap<ServiceRef, Arc<Service>>,
    /// By namespace and name.
    pub routes: BTreeMap<ObjectRef, Arc<Route>>,
    /// By namespace and name.
    pub access: BTreeMap<ObjectRef, Arc<Access>>,
    /// By namespace and name.
    pub limits: BTreeMap<ObjectRef, Arc<RateLimit>>,
    /// By namespace and name.
    pub issuers: BTreeMap<ObjectRef, Arc<TokenIssuer>>,
    /// By namespace and name.
    pub gateways: BTreeMap<ObjectRef, Arc<Gateway>>,
    /// By namespace and name.
    pub externals: BTreeMap<ServiceRef, Arc<ExternalService>>,
    /// By namespace and name.
    pub telemetry: BTreeMap<ObjectRef, Arc<Telemetry>>,
    /// How a commit reaches the fleet; `None`: all at once.
    pub rollout: Option<Arc<Rollout>>,
    /// Every role, sorted: what each identity serves and may call.
    pub roles: Arc<Vec<Role>>,
}

impl Mesh {
    /// The role of a workload by its identity and the services it serves (sorted).
    pub fn role(&self, identity: &SpiffeId, serves: &[ServiceRef]) -> Option<&Role> {
        self.roles
            .iter()
            .find(|role| role.identity == *identity && role.serves == serves)
    }
}
