#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::balancing::{DefaultLoadBalancing, Mtls};
use super::retries::Retries;
use super::scalar::{
    Bound, Duration, Exception, GlobalMetadata, NAME, Name, Percent, QualifiedReference, Size,
    document,
};

document!(
    /// The mesh's own settings; one document.
    MeshDocument,
    "Mesh",
    GlobalMetadata,
    Mesh
);

/// What the mesh says of itself, and what holds where an intent is silent.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Mesh {
    /// The SPIFFE trust domain of every identity.
    #[schemars(length(max = 255), regex(pattern = "^[a-z0-9._-]+$"))]
    trust_domain: String,
    /// What holds for services that no `Access` speaks of.
    access: Option<AccessDefault>,
    /// Mutual TLS between workloads. Left out: strict.
    mtls: Option<Mtls>,
    /// Certificates of workloads.
    certificates: Option<Certificates>,
    /// What holds where an intent is silent.
    defaults: Option<Defaults>,
    /// The same blocks for one namespace.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": NAME, "maxLength": 63},
    ))]
    namespaces: Option<BTreeMap<String, Namespace>>,
    /// Where traces and logs go.
    telemetry: Option<MeshTelemetry>,
    /// What every service must say itself. Left out: nothing.
    #[schemars(length(min = 1))]
    require: Option<Vec<Requirement>>,
    /// How large it may grow.
    repository: Option<Repository>,
}

/// What holds for services that no `Access` speaks of.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct AccessDefault {
    /// Without `access`: `deny`.
    default: DefaultAccess,
    /// What `allow` needs.
    exception: Option<Exception>,
}

/// Whether what nobody speaks of is open.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum DefaultAccess {
    Deny,
    Allow,
}

/// Certificates of workloads.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Certificates {
    /// From `5s` to `24h`. Left out: `24h`.
    lifetime: Option<Duration>,
    /// The share of its life after which a certificate is renewed. Left out: `50%`.
    renew_at: Option<Percent>,
}

/// What holds where an intent is silent.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Defaults {
    /// Until a connection to an endpoint is open. Left out: `1s`.
    connect_timeout: Option<Duration>,
    /// The whole exchange. Left out: `15s`.
    timeout: Option<Bound>,
    /// A stream without a byte in either direction. Left out: `5m`.
    stream_idle_timeout: Option<Bound>,
    /// A connection without a request or byte. Left out: `1h`.
    idle_timeout: Option<Bound>,
    /// When and how often an attempt is repeated.
    retries: Option<Retries>,
    /// How one endpoint is chosen.
    load_balancing: Option<DefaultLoadBalancing>,
}

/// One namespace; what is left out is the mesh's.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Namespace {
    /// What holds for its services that no `Access` speaks of.
    access: Option<AccessDefault>,
    /// Mutual TLS of its services.
    mtls: Option<Mtls>,
    /// What holds where an intent about its services is silent.
    defaults: Option<Defaults>,
}

/// Where traces and logs go.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct MeshTelemetry {
    /// A collector that speaks OTLP.
    otlp: Otlp,
}

/// A collector that speaks OTLP.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Otlp {
    /// Which service, with its namespace.
    service: QualifiedReference,
    /// Left out: the only one that speaks gRPC.
    port: Option<Name>,
}

/// What a service may have to say itself.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Requirement {
    Access,
    Team,
    Timeout,
}

/// How large the repository may grow; what the operator's flags allow may only be lowered.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Repository {
    /// How many files. Left out: 20000.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    files: Option<u64>,
    /// Bytes of one file. Left out: `1MiB`.
    file_size: Option<Size>,
    /// Bytes of all files. Left out: `64MiB`.
    total_size: Option<Size>,
    /// Rules about one service. Left out: 1000.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    rules_per_service: Option<u64>,
}
