#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::balancing::LoadBalancing;
use super::combine::exactly_one;
use super::endpoint::{Ports, Workloads};
use super::matching::LiteralPath;
use super::scalar::{
    Bound, Duration, Host, Metadata, NAME, Name, OnlyTrue, Percent, Reference, document,
};

document!(
    /// Who a workload is and how it is reached.
    ServiceDocument,
    "Service",
    Metadata,
    Service
);

/// Who a workload is and how it is reached.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Service {
    /// Who its workloads are. Left out: the service's name.
    #[schemars(length(min = 1))]
    accounts: Option<Vec<Name>>,
    /// More names for it.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<Host>>,
    /// Left out: a workload that only calls.
    ports: Option<Ports>,
    /// Where it runs. Left out: the inventory's workloads of this service.
    workloads: Option<Workloads>,
    /// By name.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": NAME, "maxLength": 63},
    ))]
    versions: Option<BTreeMap<String, Version>>,
    /// What the kubelet asks, answered on the proxy's health port and nowhere else.
    probes: Option<Probes>,
    /// How its own proxy looks whether it is well.
    health: Option<Health>,
    /// How one endpoint is chosen.
    load_balancing: Option<LoadBalancing>,
    /// Of one instance, over all callers.
    limits: Option<Limits>,
    /// When callers leave an endpoint out for a while.
    outlier_detection: Option<OutlierDetection>,
    /// Until a connection to an endpoint is open. Left out: as the defaults say.
    connect_timeout: Option<Duration>,
    /// A stream without a byte in either direction. Left out: as the defaults say.
    stream_idle_timeout: Option<Bound>,
    /// A connection without a request or byte. Left out: as the defaults say.
    idle_timeout: Option<Bound>,
    /// What happens to `%2F` in a path. Left out: `refuse`.
    encoded_slash: Option<EncodedSlash>,
    /// Where given: what this service calls, and nothing else.
    #[schemars(length(min = 1))]
    calls: Option<Vec<Call>>,
}

/// A version: the endpoints that carry all of its labels.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Version {
    /// Left out: `version` with the name.
    #[schemars(extend("minProperties" = 1))]
    labels: Option<BTreeMap<String, String>>,
}

/// What the kubelet asks.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Probes {
    /// Paths that are asked for with GET.
    #[schemars(length(min = 1))]
    http: Option<Vec<LiteralPath>>,
}

/// How its own proxy looks whether it is well; exactly one of `http`, `grpc` and `tcp`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["http", "grpc", "tcp"]))
)]
struct Health {
    /// Left out: the only one that fits.
    port: Option<Name>,
    /// A GET, answered with 200 to 399.
    http: Option<LiteralPath>,
    /// The standard health service, asked about this name; `""` is the server as a whole.
    #[schemars(regex(pattern = r"^([A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*)?$"))]
    grpc: Option<String>,
    /// A connection.
    tcp: Option<OnlyTrue>,
    /// From one look to the next. Left out: `5s`.
    interval: Option<Duration>,
    /// Of one look. Left out: `1s`.
    timeout: Option<Duration>,
    /// Good ones in a row. Left out: 2.
    #[schemars(range(min = 1, max = 1000))]
    healthy_after: Option<u32>,
    /// Bad ones in a row. Left out: 3.
    #[schemars(range(min = 1, max = 1000))]
    unhealthy_after: Option<u32>,
}

/// Of one instance, over all callers; connections and requests left out have no bound.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Limits {
    /// Open at a time.
    #[schemars(range(min = 1, max = 10_000_000))]
    connections: Option<u32>,
    /// In flight at a time.
    #[schemars(range(min = 1, max = 10_000_000))]
    requests: Option<u32>,
    /// Waiting for their turn; above it 503. Left out: nobody waits.
    #[schemars(range(min = 0, max = 10_000_000))]
    pending: Option<u32>,
}

/// When callers leave an endpoint out for a while.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("anyOf" = exactly_one(&[
        "consecutive5xx", "gatewayErrors", "localErrors", "successRate",
    ]))
)]
struct OutlierDetection {
    /// Answers of 500 to 599 in a row.
    #[schemars(rename = "consecutive5xx", range(min = 1, max = 1000))]
    consecutive_5xx: Option<u32>,
    /// Answers of 502 to 504 in a row.
    #[schemars(range(min = 1, max = 1000))]
    gateway_errors: Option<u32>,
    /// Connections that failed, in a row.
    #[schemars(range(min = 1, max = 1000))]
    local_errors: Option<u32>,
    /// A share of good answers in an interval below this.
    success_rate: Option<Percent>,
    /// Between looks. Left out: `10s`.
    interval: Option<Duration>,
    /// How long the first time; each further time so much longer. Left out: `30s`.
    base_ejection: Option<Duration>,
    /// The share of endpoints that may be left out. Left out: `50%`.
    max_ejected: Option<Percent>,
}

/// What happens to `%2F` in a path: refused, or judged as text and as a slash.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum EncodedSlash {
    Refuse,
    Judge,
}

/// What may be called, and the bounds of the caller.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["service", "external"]))
)]
struct Call {
    /// A service of the mesh.
    service: Option<Reference>,
    /// An `ExternalService`.
    external: Option<Reference>,
    /// At most this long; the shorter of caller and callee holds.
    timeout: Option<Bound>,
    /// A bound on retries.
    retries: Option<CallRetries>,
}

/// A bound on retries.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct CallRetries {
    /// At most so many; the fewer of caller and callee hold.
    #[schemars(range(min = 0, max = 10))]
    attempts: u32,
}
