use std::time::Duration;

use ipnet::IpNet;

use crate::{
    Balancing, Certificate, Host, HostPattern, Name, ObjectRef, Origin, Port, RetryPolicy,
    ServiceRef, StaticEndpoint, TlsVersion,
};

/// An `ExternalService`: a destination without a proxy of the mesh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalService {
    /// Namespace and name.
    pub id: ServiceRef,
    /// Where the document begins.
    pub origin: Origin,
    /// What callers write. Sorted.
    pub hosts: Vec<HostPattern>,
    /// Where it is; empty: resolved by DNS, a wildcard per request. Sorted.
    pub endpoints: Vec<StaticEndpoint>,
    /// Ranges that callers connect to without a name, on ports of bytes. Sorted.
    pub addresses: Vec<IpNet>,
    /// Sorted by name, never empty.
    pub ports: Vec<Port>,
    /// The proxy starts TLS.
    pub tls: Option<UpstreamTls>,
    /// The gateway that all of it leaves through.
    pub via: Option<ObjectRef>,
    /// How one endpoint is chosen.
    pub load_balancing: Balancing,
    /// Until a connection is open.
    pub connect_timeout: Duration,
    /// The whole exchange, where no route says otherwise; `None` is no bound.
    pub timeout: Option<Duration>,
    /// A stream without a byte in either direction; `None` is no bound.
    pub stream_idle_timeout: Option<Duration>,
    /// A connection without a request or byte; `None` is no bound.
    pub idle_timeout: Option<Duration>,
    /// Where no route says otherwise.
    pub retries: RetryPolicy,
}

impl ExternalService {
    /// A port by its name.
    pub fn port(&self, name: &Name) -> Option<&Port> {
        self.ports.iter().find(|port| port.name == *name)
    }
}

/// TLS that the proxy starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UpstreamTls {
    /// `None`: the host that was called.
    pub server_name: Option<Host>,
    /// One of these must be in the certificate; empty: the server name. Sorted.
    pub subject_alt_names: Vec<String>,
    /// PEM: who signs it; `None`: the roots of the machine.
    pub ca: Option<String>,
    /// What is shown where the other side asks.
    pub certificate: Option<Certificate>,
    /// The oldest version that is spoken.
    pub min_version: TlsVersion,
}
