use std::sync::Arc;

use mesh_identity::SpiffeId;

use crate::{ObjectRef, ServiceRef};

/// An identity and the services it serves: what replicas share, and with it a bundle.
///
/// Nobody writes it; it follows from `Access`, `Route` and `calls`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    /// Who.
    pub identity: SpiffeId,
    /// The services whose inbound it enforces. Sorted.
    pub serves: Vec<ServiceRef>,
    /// The gateways that it is. Sorted.
    pub gateways: Vec<ObjectRef>,
    /// The services in its view as a caller. Sorted; roles that see the same share it.
    pub calls: Arc<[ServiceRef]>,
    /// The external services in its view as a caller, or as the gateway that they are
    /// reached through. Sorted; shared alike.
    pub externals: Arc<[ServiceRef]>,
}
