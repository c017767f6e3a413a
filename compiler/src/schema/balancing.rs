#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::combine::exactly_one;
use super::scalar::{Cookie, Duration, Exception, Key, Percent};

/// How one endpoint is chosen.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "minProperties" = 1,
        "if" = {"required": ["policy"], "properties": {"policy": {"enum": ["ring-hash", "maglev"]}}},
        "then" = {"required": ["by"]},
    )
)]
pub(super) struct LoadBalancing {
    /// Left out: as the defaults say.
    policy: Option<Policy>,
    /// What `ring-hash` and `maglev` hash.
    #[schemars(length(min = 1))]
    by: Option<Vec<Key>>,
    /// A cookie that the proxy sets where a request lacks it; one of `by`.
    set_cookie: Option<SetCookie>,
    /// How long a new endpoint gets less than its share.
    slow_start: Option<Duration>,
    /// Near endpoints before far ones.
    locality: Option<Locality>,
    /// With fewer usable endpoints than this share of all, health is not looked at.
    panic: Option<Percent>,
}

/// How one endpoint is chosen, where a service does not say.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct DefaultLoadBalancing {
    /// Left out: `least-request`.
    policy: Option<DefaultPolicy>,
    /// How long a new endpoint gets less than its share. Left out: its share at once.
    slow_start: Option<Duration>,
    /// Near endpoints before far ones. Left out: all alike.
    locality: Option<Locality>,
    /// With fewer usable endpoints than this share of all, health is not looked at. Left out: never.
    panic: Option<Percent>,
}

/// How one endpoint is chosen.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Policy {
    RoundRobin,
    Random,
    LeastRequest,
    Ewma,
    RingHash,
    Maglev,
    OriginalDestination,
}

/// How one endpoint is chosen, where no key is needed.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum DefaultPolicy {
    RoundRobin,
    Random,
    LeastRequest,
    Ewma,
}

/// A cookie that keeps a client on its endpoint.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetCookie {
    /// Its name.
    name: Cookie,
    /// How long clients keep it. Left out: until they close.
    ttl: Option<Duration>,
}

/// Near endpoints before far ones.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["failover", "weights"]))
)]
pub(super) struct Locality {
    /// As long as the nearer place has usable endpoints, only those. Left out words: everywhere.
    #[schemars(extend("enum" = [["zone"], ["region"], ["zone", "region"]]))]
    failover: Option<Vec<Near>>,
    /// Shares of the requests, by how near an endpoint is.
    weights: Option<LocalityWeights>,
}

/// A place near the caller.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Near {
    Zone,
    Region,
}

/// Shares of their sum; not all 0.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct LocalityWeights {
    /// Endpoints in the caller's zone. Left out: 0.
    #[schemars(range(min = 0, max = 1000))]
    zone: Option<u32>,
    /// Those in its region. Left out: 0.
    #[schemars(range(min = 0, max = 1000))]
    region: Option<u32>,
    /// All others. Left out: 0.
    #[schemars(range(min = 0, max = 1000))]
    elsewhere: Option<u32>,
}

/// Mutual TLS between workloads.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Mtls {
    /// `strict`, or `permissive`: plain text is taken beside it.
    mode: MtlsMode,
    /// What `permissive` needs.
    exception: Option<Exception>,
}

/// Whether plain text is taken.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum MtlsMode {
    Strict,
    Permissive,
}
