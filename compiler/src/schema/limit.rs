#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::access::{All, OnFailure};
use super::caller::Caller;
use super::combine::exactly_one;
use super::matching::RequestMatch;
use super::scalar::{Duration, HostPattern, Key, Metadata, Name, Rate, Reference, Text, document};

document!(
    /// How much is allowed.
    RateLimitDocument,
    "RateLimit",
    Metadata,
    RateLimit
);

/// Every matching limit must have room, then every one is charged.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["service", "gateway", "external", "all"]))
)]
struct RateLimit {
    /// The called service.
    service: Option<Reference>,
    /// What comes in at this gateway.
    gateway: Option<Reference>,
    /// What goes out to this external service.
    external: Option<Reference>,
    /// Every service of this namespace, or of the mesh.
    all: Option<All>,
    /// Left out: every port. Required when the service has several.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    /// Left out: every host.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    /// All that match must have room.
    #[schemars(length(min = 1))]
    limits: Vec<Limit>,
    /// Who counts limits of the fleet. Left out: the operator hands out shares.
    provider: Option<Provider>,
}

/// A token bucket per key.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Limit {
    /// What it is called in logs and metrics. Left out: a short hash of its content.
    name: Option<Name>,
    /// Any of these; left out: every caller.
    #[schemars(length(min = 1))]
    from: Option<Vec<Caller>>,
    /// Any of these; left out: every request. On TCP ports a request is a connection.
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
    /// A bucket for each value of these; left out: one bucket.
    #[schemars(length(min = 1))]
    per: Option<Vec<Key>>,
    /// How fast tokens come back.
    rate: Rate,
    /// How many requests a full bucket holds. Left out: what the rate gives in its own unit.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    burst: Option<u64>,
    /// `proxy`: each instance counts for itself; `fleet`: the sum over all. Left out: `proxy`.
    scope: Option<LimitScope>,
    /// The answer to a request without room.
    respond: Option<LimitResponse>,
    /// Decide and count, do not enforce.
    shadow: Option<bool>,
}

/// Who counts.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum LimitScope {
    Proxy,
    Fleet,
}

/// The answer to a request without room.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct LimitResponse {
    /// Left out with `respond`: 429.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
}

/// A service that speaks the rate limit protocol of Envoy, version 3.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Provider {
    /// Which.
    service: Reference,
    /// Left out: the only one that speaks gRPC.
    port: Option<Name>,
    /// What it calls this set of limits.
    domain: Text,
    /// How long its answer may take.
    timeout: Option<Duration>,
    /// What happens without an answer. Left out: `deny`.
    on_failure: Option<OnFailure>,
}
