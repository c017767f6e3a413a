use std::net::IpAddr;
use std::time::Duration;

use mesh_ir::{EncodedSlash, Host, Name, PathPattern, Percent, Protocol};

use super::{LoadBalancing, Mtls, Reference, Spanned};
use crate::diagnostic::Span;

/// `spec` of a `Service`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// Left out: the service's name.
    pub(crate) accounts: Vec<Spanned<Name>>,
    /// More names for it.
    pub(crate) hosts: Vec<Spanned<Host>>,
    /// Left out: a workload that only calls.
    pub(crate) ports: Vec<Port>,
    /// Where it runs; left out: the inventory's service of this name.
    pub(crate) workloads: Option<Workloads>,
    /// `versions`.
    pub(crate) versions: Vec<Version>,
    /// `probes.http`: what the kubelet asks, answered on the proxy's health port.
    pub(crate) probes: Vec<Spanned<PathPattern>>,
    /// How its own proxy looks whether it is well.
    pub(crate) health: Option<Health>,
    /// `loadBalancing`.
    pub(crate) load_balancing: Option<LoadBalancing>,
    /// Of one instance, over all callers.
    pub(crate) limits: Limits,
    /// When callers leave an endpoint out for a while.
    pub(crate) outlier_detection: Option<OutlierDetection>,
    /// Until a connection to an endpoint is open.
    pub(crate) connect_timeout: Option<Spanned<Duration>>,
    /// A stream without a byte; `None` within is `none`.
    pub(crate) stream_idle_timeout: Option<Spanned<Option<Duration>>>,
    /// A connection without a request or byte; `None` within is `none`.
    pub(crate) idle_timeout: Option<Spanned<Option<Duration>>>,
    /// `encodedSlash`.
    pub(crate) encoded_slash: Option<Spanned<EncodedSlash>>,
    /// Where given, these and no others; never empty.
    pub(crate) calls: Option<Vec<Call>>,
}

impl Service {
    /// `workloads.endpoints`.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        match &self.workloads {
            Some(Workloads::Endpoints(endpoints)) => endpoints,
            _ => &[],
        }
    }
}

/// `workloads`; the one of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Workloads {
    /// `selector`: workloads of the namespace with all of these labels. Sorted by key, never empty.
    Selector {
        /// By key.
        labels: Vec<(String, String)>,
        /// The mapping.
        span: Span,
    },
    /// `dns`: the addresses of a host.
    Dns(Spanned<Host>),
    /// `endpoints`; never empty.
    Endpoints(Vec<Endpoint>),
}

/// `health`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Health {
    /// Left out: the only one that fits.
    pub(crate) port: Option<Spanned<Name>>,
    /// What is asked.
    pub(crate) probe: Probe,
    /// From one to the next.
    pub(crate) interval: Option<Spanned<Duration>>,
    /// Of one.
    pub(crate) timeout: Option<Spanned<Duration>>,
    /// Good ones in a row.
    pub(crate) healthy_after: Option<Spanned<u32>>,
    /// Bad ones in a row.
    pub(crate) unhealthy_after: Option<Spanned<u32>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// The one field of `health` that says what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probe {
    /// `http: /healthz`: a GET, answered with 200 to 399. Literal segments only.
    Http(Spanned<PathPattern>),
    /// `grpc: shop.v1.Reviews`: the standard health service, asked about this name, or
    /// with `grpc: ""` about the server.
    Grpc(Spanned<String>),
    /// `tcp: true`: a connection.
    Tcp(Span),
}

/// `limits`; what is left out has no bound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Limits {
    /// Open at a time.
    pub(crate) connections: Option<Spanned<u32>>,
    /// In flight at a time.
    pub(crate) requests: Option<Spanned<u32>>,
    /// Waiting for their turn; above it 503.
    pub(crate) pending: Option<Spanned<u32>>,
}

/// `outlierDetection`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutlierDetection {
    /// Answers of 500 to 599 in a row.
    pub(crate) consecutive5xx: Option<Spanned<u32>>,
    /// Answers of 502 to 504 in a row.
    pub(crate) gateway_errors: Option<Spanned<u32>>,
    /// Connections that failed, in a row.
    pub(crate) local_errors: Option<Spanned<u32>>,
    /// A share of good answers in an interval below this.
    pub(crate) success_rate: Option<Spanned<Percent>>,
    /// Between looks.
    pub(crate) interval: Option<Spanned<Duration>>,
    /// How long the first time; each further time so much longer.
    pub(crate) base_ejection: Option<Spanned<Duration>>,
    /// The share of endpoints that may be left out.
    pub(crate) max_ejected: Option<Spanned<Percent>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// One entry of `ports`, short or long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    /// The key.
    pub(crate) name: Spanned<Name>,
    /// What callers write after the host; at least 1.
    pub(crate) number: Spanned<u16>,
    /// As written, or the name's own.
    pub(crate) protocol: Spanned<Protocol>,
    /// Where the application listens; left out: the same number.
    pub(crate) target: Option<Spanned<u16>>,
    /// Left out: what holds for the namespace.
    pub(crate) mtls: Option<Mtls>,
    /// `proxyProtocol: v2`: the application gets a PROXY header with the caller's address.
    pub(crate) proxy_protocol: Option<Span>,
    /// Whether requests of HTTP/1.0 are taken; left out: no.
    pub(crate) http10: Option<Spanned<bool>>,
}

/// One entry of `workloads.endpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Where it is.
    pub(crate) address: Spanned<IpAddr>,
    /// The version it belongs to.
    pub(crate) version: Option<Spanned<Name>>,
    /// `region/zone`.
    pub(crate) locality: Option<Spanned<String>>,
    /// At least 1.
    pub(crate) weight: Option<Spanned<u32>>,
    /// Numbers that differ from the service's, by port name.
    pub(crate) ports: Vec<(Spanned<Name>, Spanned<u16>)>,
    /// The entry.
    pub(crate) span: Span,
}

/// One entry of `versions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// The key.
    pub(crate) name: Spanned<Name>,
    /// Sorted by key; where left out, `version` with the name.
    pub(crate) labels: Vec<(String, String)>,
}

/// One entry of `calls`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Which service.
    pub(crate) target: CallTarget,
    /// At most this long; `None` within is `none`.
    pub(crate) timeout: Option<Spanned<Option<Duration>>>,
    /// `retries.attempts`.
    pub(crate) attempts: Option<Spanned<u32>>,
    /// The entry.
    pub(crate) span: Span,
}

/// The one field of an entry of `calls` that says what is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallTarget {
    /// `service: ratings`.
    Service(Spanned<Reference>),
    /// `external: payments-api`.
    External(Spanned<Reference>),
}

impl Call {
    /// The service of the mesh that it names.
    pub(crate) fn service(&self) -> Option<&Spanned<Reference>> {
        match &self.target {
            CallTarget::Service(it) => Some(it),
            CallTarget::External(_) => None,
        }
    }
}
