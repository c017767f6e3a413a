use ipnet::IpNet;
use mesh_identity::{SpiffeId, SpiffePattern};

use crate::{Name, ServiceRef};

/// One entry of a `from`: who, perhaps narrowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerMatch {
    /// Who.
    pub who: Who,
    /// The socket peer's address lies in one of these; empty: anywhere.
    pub cidr: Vec<IpNet>,
    /// And none of these.
    pub not: Vec<Self>,
}

/// Who an entry of `from` names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A service, as the identities of its accounts (sorted).
    Service {
        /// The service that the intent names.
        service: ServiceRef,
        /// Whole identities, never pairs.
        identities: Vec<SpiffeId>,
    },
    /// Every workload of a namespace of the mesh's own trust domain.
    Namespace(Name),
    /// Every identity of a pattern.
    Identity(SpiffePattern),
    /// Any identity of the mesh.
    Authenticated,
    /// Also without identity.
    Anyone,
}
