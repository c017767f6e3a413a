use std::sync::Arc;

use mesh_identity::SpiffeId;

use crate::ServiceRef;

/// An identity and the services it serves: what replicas share, and with it a bundle.
///
/// Nobody writes it; it follows from `Access`, `Route` and `calls`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role {
    /// Who.
    pub identity: SpiffeId,
    /// The services whose inbound it enforces. Sorted.
    pub serves: Vec<ServiceRef>,
    /// The services in its view as a caller. Sorted; roles that see the same share it.
    pub calls: Arc<[ServiceRef]>,
}
