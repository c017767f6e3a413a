#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::answer::{Headers, Redirect, Respond, Rewrite};
use super::backend::{Backend, Cors, Fallback, Fault, Mirror};
use super::caller::Caller;
use super::combine::{exactly_one, excludes};
use super::matching::RequestMatch;
use super::retries::RuleRetries;
use super::scalar::{Bound, Duration, HostPattern, Key, Metadata, Name, Reference, document};

document!(
    /// Where requests go.
    RouteDocument,
    "Route",
    Metadata,
    Route
);

/// Rules about one target, without order: the more specific one decides.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["service", "gateway", "external"]),
        "dependentRequired" = {"gateway": ["hosts"]},
    )
)]
struct Route {
    /// The called service.
    service: Option<Reference>,
    /// What comes in at this gateway; with `hosts`.
    gateway: Option<Reference>,
    /// What goes out to this external service.
    external: Option<Reference>,
    /// Required when the service has several.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    /// Left out: every host of the service.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    /// Which one decides follows from what they match, never from their order.
    #[schemars(length(min = 1))]
    rules: Vec<Rule>,
}

/// For `allOf`: a rule has one outcome.
fn one_outcome() -> Vec<serde_json::Value> {
    const FORWARDS: &[&str] = &[
        "to",
        "splitBy",
        "fallback",
        "mirror",
        "rewrite",
        "headers",
        "timeout",
        "perTryTimeout",
        "maxDuration",
        "retries",
        "fault",
    ];
    let mut all = excludes("redirect", &["respond"]);
    all.extend(excludes("redirect", FORWARDS));
    all.extend(excludes("respond", FORWARDS));
    all
}

/// Callers and requests, and one outcome: forward, `redirect` or `respond`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("minProperties" = 1, "allOf" = one_outcome())
)]
struct Rule {
    /// What it is called in logs and metrics. Left out: a short hash of its content.
    name: Option<Name>,
    /// Settles an overlap of which neither rule contains the other; the greater one first. Left out: 0.
    #[schemars(range(min = -1_000_000, max = 1_000_000))]
    priority: Option<i32>,
    /// Any of these; left out: every caller.
    #[schemars(length(min = 1))]
    from: Option<Vec<Caller>>,
    /// Any of these; left out: every request.
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
    /// Left out: the service, all versions.
    #[schemars(length(min = 1))]
    to: Option<Vec<Backend>>,
    /// Who once drew a backend keeps it.
    #[schemars(length(min = 1))]
    split_by: Option<Vec<Key>>,
    /// Where requests go when what was drawn has no endpoint to take them, in this order.
    #[schemars(length(min = 1))]
    fallback: Option<Vec<Fallback>>,
    /// Who gets copies; their answers are dropped.
    #[schemars(length(min = 1))]
    mirror: Option<Vec<Mirror>>,
    /// What the upstream sees instead.
    rewrite: Option<Rewrite>,
    /// What the client is told.
    redirect: Option<Redirect>,
    /// The answer itself.
    respond: Option<Respond>,
    /// Edits of headers.
    headers: Option<Headers>,
    /// The whole exchange, retries included; streams need `none`.
    timeout: Option<Bound>,
    /// One attempt.
    per_try_timeout: Option<Duration>,
    /// How long an exchange may last after its answer began. Left out: no bound.
    max_duration: Option<Bound>,
    /// When and how often an attempt is repeated.
    retries: Option<RuleRetries>,
    /// What goes wrong on purpose.
    fault: Option<Fault>,
    /// Which scripts of other origins may read the answers.
    cors: Option<Cors>,
}
