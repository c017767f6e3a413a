use std::time::Duration;

use mesh_ir::{DefaultAccess, Name, Percent, TrustDomain};

use super::{Exception, LoadBalancing, Mtls, Reference, Retries, Spanned};

/// `spec` of a `Mesh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mesh {
    /// The mesh's own.
    pub(crate) trust_domain: Spanned<TrustDomain>,
    /// `access`, with its default.
    pub(crate) access: Option<AccessDefault>,
    /// `mtls`.
    pub(crate) mtls: Option<Mtls>,
    /// `certificates`.
    pub(crate) certificates: Certificates,
    /// `defaults`.
    pub(crate) defaults: Defaults,
    /// `namespaces`, in the order written.
    pub(crate) namespaces: Vec<NamespaceBlock>,
    /// `telemetry.otlp`.
    pub(crate) otlp: Option<Otlp>,
    /// What every service must say itself.
    pub(crate) require: Vec<Spanned<Requirement>>,
    /// Limits, which may only lower those of the operator.
    pub(crate) repository: Repository,
}

/// `telemetry.otlp`: the collector that traces and logs go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Otlp {
    /// Names its namespace.
    pub(crate) service: Spanned<Reference>,
    /// Left out: the only one that speaks gRPC.
    pub(crate) port: Option<Spanned<Name>>,
}

/// `access` of the mesh or of one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessDefault {
    /// `access.default`.
    pub(crate) default: Spanned<DefaultAccess>,
    /// What `allow` needs.
    pub(crate) exception: Option<Exception>,
}

/// `certificates`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Certificates {
    /// How long a workload's certificate lives; 5 s to 24 h.
    pub(crate) lifetime: Option<Spanned<Duration>>,
    /// The share of its life after which it is renewed; above 0 %, below 100 %.
    pub(crate) renew_at: Option<Spanned<Percent>>,
}

/// `defaults` of the mesh or of one namespace. Of a bound, `None` within is `none`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Defaults {
    /// Until a connection is open.
    pub(crate) connect_timeout: Option<Spanned<Duration>>,
    /// The whole exchange.
    pub(crate) timeout: Option<Spanned<Option<Duration>>>,
    /// A stream without a byte.
    pub(crate) stream_idle_timeout: Option<Spanned<Option<Duration>>>,
    /// A connection without a request or byte.
    pub(crate) idle_timeout: Option<Spanned<Option<Duration>>>,
    /// When an attempt is repeated.
    pub(crate) retries: Option<Retries>,
    /// `loadBalancing`; never with `by` or `setCookie`, which are for one service.
    pub(crate) load_balancing: Option<LoadBalancing>,
}

/// One entry of `namespaces`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamespaceBlock {
    /// The namespace.
    pub(crate) name: Spanned<Name>,
    /// Its `access`.
    pub(crate) access: Option<AccessDefault>,
    /// Its `mtls`.
    pub(crate) mtls: Option<Mtls>,
    /// Its `defaults`.
    pub(crate) defaults: Defaults,
}

/// A word of `require`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Requirement {
    /// An enforced `Access` speaks of the service by name.
    Access,
    /// A `Team` owns it.
    Team,
    /// A `Route` of the service gives every forwarding rule a timeout.
    Timeout,
}

/// `repository`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Repository {
    /// How many files.
    pub(crate) files: Option<Spanned<u64>>,
    /// Bytes of one file.
    pub(crate) file_size: Option<Spanned<u64>>,
    /// Bytes of all files.
    pub(crate) total_size: Option<Spanned<u64>>,
    /// Rules about one service.
    pub(crate) rules_per_service: Option<Spanned<u64>>,
}
