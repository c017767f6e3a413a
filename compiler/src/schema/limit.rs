#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::access::All;
use super::matching::{Caller, RequestMatch};
use super::scalar::{HostPattern, Key, Metadata, Name, Rate, Reference, document};

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
    extend("oneOf" = [{"required": ["service"]}, {"required": ["all"]}])
)]
struct RateLimit {
    service: Option<Reference>,
    all: Option<All>,
    /// Left out: every port.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    /// Left out: every host.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    #[schemars(length(min = 1))]
    limits: Vec<Limit>,
}

/// A token bucket per key, in each proxy.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Limit {
    name: Option<Name>,
    #[schemars(length(min = 1))]
    from: Option<Vec<Caller>>,
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
    /// Left out: one bucket.
    #[schemars(length(min = 1))]
    per: Option<Vec<Key>>,
    rate: Rate,
    /// How many requests a full bucket holds.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    burst: Option<u64>,
    /// `proxy`: each instance counts for itself.
    scope: Option<LimitScope>,
    respond: Option<LimitResponse>,
    /// Decide and count, do not enforce.
    shadow: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum LimitScope {
    Proxy,
}

/// The answer to a request without room.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct LimitResponse {
    #[schemars(range(min = 400, max = 599))]
    status: u16,
}
