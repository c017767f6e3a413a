use std::net::SocketAddr;

use mesh_identity::{SpiffeId, TrustDomain};

use crate::{Name, ServiceRef};

/// Where the workloads of one service are. A fact: it carries no meaning, so the
/// same one serves the old bundle and the new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Of which service.
    pub service: ServiceRef,
    /// Sorted by workload.
    pub endpoints: Vec<Endpoint>,
}

/// One workload behind a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// `namespace/name` of the workload.
    pub workload: String,
    /// What its certificate must say.
    pub identity: SpiffeId,
    /// The mTLS listener of each service port, by port name. Sorted.
    pub ports: Vec<(Name, SocketAddr)>,
    /// Sorted by key.
    pub labels: Vec<(String, String)>,
    /// `region/zone`.
    pub locality: Option<String>,
    /// At least 1.
    pub weight: u32,
    /// Whether it may be given requests.
    pub healthy: bool,
}

impl Endpoint {
    /// Whether it carries all of these labels.
    pub fn has_labels(&self, labels: &[(String, String)]) -> bool {
        labels.iter().all(|label| self.labels.contains(label))
    }
}

/// The roots that vouch for a trust domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustRoots {
    /// Whose.
    pub trust_domain: TrustDomain,
    /// DER certificates, sorted.
    pub roots: Vec<Vec<u8>>,
}

/// The addresses on which one workload's proxy listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listeners {
    /// `namespace/name` of the workload.
    pub workload: String,
    /// Loopback only.
    pub admin: Option<SocketAddr>,
    /// One per service port. Sorted.
    pub inbound: Vec<InboundListener>,
    /// Where the application sends HTTP, chosen by host.
    pub outbound: Option<SocketAddr>,
    /// Where the application connects for TCP services. Sorted.
    pub tcp: Vec<TcpListener>,
}

/// An mTLS listener in front of the application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InboundListener {
    /// The service served.
    pub service: ServiceRef,
    /// Its port.
    pub port: Name,
    /// Where the proxy listens.
    pub listen: SocketAddr,
    /// Where the application listens.
    pub application: SocketAddr,
}

/// A plain listener on loopback that leads to one TCP port of one service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TcpListener {
    /// The service called.
    pub service: ServiceRef,
    /// Its port.
    pub port: Name,
    /// Where the proxy listens.
    pub listen: SocketAddr,
}
