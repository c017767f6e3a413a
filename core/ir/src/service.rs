use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use mesh_identity::SpiffeId;

use crate::{
    Balancing, HealthCheck, Host, MtlsMode, Name, Origin, OutlierDetection, RetryPolicy,
    ServiceLimits, ServiceRef, Target,
};

/// A `Service` with its defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Namespace and name.
    pub id: ServiceRef,
    /// Where the document begins.
    pub origin: Origin,
    /// Who its workloads are: what callers accept on its certificate. Sorted.
    pub accounts: Vec<SpiffeId>,
    /// Names beyond `name` (in its own namespace) and `name.namespace`. Sorted.
    pub hosts: Vec<Host>,
    /// Sorted by name; empty for a workload that only calls.
    pub ports: Vec<Port>,
    /// Sorted by name.
    pub versions: Vec<Version>,
    /// Where it runs.
    pub workloads: Workloads,
    /// Paths that the kubelet may ask for on the proxy's health port. Sorted.
    pub probes: Vec<String>,
    /// What the proxy asks its own application.
    pub health: Option<HealthCheck>,
    /// How one endpoint is chosen.
    pub load_balancing: Balancing,
    /// Of one instance, over all callers.
    pub limits: ServiceLimits,
    /// When an endpoint that answers badly is left out.
    pub outlier: Option<OutlierDetection>,
    /// Until a connection to an endpoint is open.
    pub connect_timeout: Duration,
    /// The whole exchange, where no route says otherwise; `None` is no bound.
    pub timeout: Option<Duration>,
    /// A stream without a byte in either direction; `None` is no bound.
    pub stream_idle_timeout: Option<Duration>,
    /// A connection without a request or byte; `None` is no bound.
    pub idle_timeout: Option<Duration>,
    /// Where no route says otherwise.
    pub retries: RetryPolicy,
    /// What happens to `%2F` in a path.
    pub encoded_slash: EncodedSlash,
    /// Where given: what this service calls, and nothing else. Sorted by what is called.
    pub calls: Option<Vec<Call>>,
}

impl Service {
    /// Whether each of its ports that a target speaks of takes mutual TLS only.
    pub fn is_strict(&self, target: &Target) -> bool {
        let mut ports = self.ports.iter();
        ports.all(|port| port.mtls == MtlsMode::Strict || !target.covers(&self.id, &port.name))
    }

    /// A port by its name.
    pub fn port(&self, name: &Name) -> Option<&Port> {
        self.ports.iter().find(|port| port.name == *name)
    }

    /// A version by its name.
    pub fn version(&self, name: &Name) -> Option<&Version> {
        self.versions.iter().find(|version| version.name == *name)
    }

    /// Endpoints that the intent itself writes. Sorted by address.
    pub fn endpoints(&self) -> &[StaticEndpoint] {
        match &self.workloads {
            Workloads::Endpoints(endpoints) => endpoints,
            Workloads::Inventory | Workloads::Selector(_) | Workloads::Dns(_) => &[],
        }
    }
}

/// Where the instances of a service are found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Workloads {
    /// What the inventory has under the service's name.
    #[default]
    Inventory,
    /// Workloads of its namespace with all of these labels. Sorted by key.
    Selector(Vec<(String, String)>),
    /// What a name resolves to.
    Dns(Host),
    /// What the intent itself writes. Sorted by address.
    Endpoints(Vec<StaticEndpoint>),
}

/// A port of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name in the intents.
    pub name: Name,
    /// What callers write after the host.
    pub number: u16,
    /// Where the application listens.
    pub target: u16,
    /// Declared, never sniffed.
    pub protocol: Protocol,
    /// Whether it takes callers without mutual TLS: what the port, else its namespace,
    /// else the mesh says.
    pub mtls: MtlsMode,
    /// Whether the application gets a PROXY header, version 2, with the caller's address.
    pub proxy_protocol: bool,
    /// Whether requests of HTTP/1.0 are taken.
    pub http10: bool,
    /// The line that declares it.
    pub origin: Origin,
}

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP/1.1, and HTTP/2 by ALPN or prior knowledge.
    Http,
    /// HTTP/2 only.
    Http2,
    /// gRPC over HTTP/2.
    Grpc,
    /// Bytes.
    Tcp,
    /// TLS of the application, passed through by server name.
    Tls,
}

impl Protocol {
    /// Whether requests, not connections, are judged.
    pub fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Http2 | Self::Grpc)
    }

    /// The word of the language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Http2 => "http2",
            Self::Grpc => "grpc",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A version of a service: the endpoints that carry all of its labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its name.
    pub name: Name,
    /// Sorted by key; never empty.
    pub labels: Vec<(String, String)>,
    /// The line that declares it.
    pub origin: Origin,
}

/// An endpoint that an intent writes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaticEndpoint {
    /// One socket per port of the service that this endpoint serves, by port name. Sorted.
    pub ports: Vec<(Name, SocketAddr)>,
    /// The version it belongs to.
    pub version: Option<Name>,
    /// `region/zone`.
    pub locality: Option<String>,
    /// At least 1.
    pub weight: u32,
}

/// What happens to `%2F` in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodedSlash {
    /// 400 before any decision.
    Refuse,
    /// Judged as text and as a slash.
    Judge,
}

/// An entry of `calls`: what may be called, and the bounds its caller sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which.
    pub to: Called,
    /// At most this long; `None` sets no bound.
    pub timeout: Option<Duration>,
    /// At most this many retries; `None` sets no bound.
    pub attempts: Option<u32>,
    /// The line of the entry.
    pub origin: Origin,
}

/// What a workload may call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Called {
    /// A service of the mesh.
    Service(ServiceRef),
    /// An `ExternalService`.
    External(ServiceRef),
}
