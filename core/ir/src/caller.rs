use ipnet::IpNet;
use mesh_identity::{SpiffeId, SpiffePattern};

use crate::{Name, ObjectRef, ServiceRef, TokenMatch};

/// One entry of a `from`: who, perhaps narrowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerMatch {
    /// Who.
    pub who: Who,
    /// The socket peer's address (at a gateway the client's) lies in one of these;
    /// empty: anywhere.
    pub cidr: Vec<IpNet>,
    /// And the request carries a valid token with these claims.
    pub token: Option<TokenMatch>,
    /// And none of these.
    pub not: Vec<Self>,
}

impl CallerMatch {
    /// Calls `f` with every issuer that the entry names, in its `not` too.
    pub fn for_each_issuer<'a>(&'a self, f: &mut dyn FnMut(&'a ObjectRef)) {
        if let Some(token) = &self.token {
            f(&token.issuer);
        }
        for not in &self.not {
            not.for_each_issuer(f);
        }
    }
}

impl From<Who> for CallerMatch {
    fn from(who: Who) -> Self {
        Self {
            who,
            cidr: vec![],
            token: None,
            not: vec![],
        }
    }
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
    /// What came through a gateway, as the identities of its accounts (sorted).
    Gateway {
        /// The gateway that the intent names.
        gateway: ObjectRef,
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
