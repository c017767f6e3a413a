#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::combine::{exactly_one, excludes};
use super::scalar::{
    Duration, GlobalMetadata, Growth, Name, Percent, Region, SomePercent, document,
};

document!(
    /// How a commit reaches the fleet.
    RolloutDocument,
    "Rollout",
    GlobalMetadata,
    Rollout
);

/// Waves, what stops them, and what happens then.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Rollout {
    /// One after the other.
    #[schemars(length(min = 1))]
    waves: Vec<Wave>,
    /// What stops it. Left out: nothing.
    gates: Option<Gates>,
    /// What happens then. Left out: `rollback`.
    on_failure: Option<OnFailedRollout>,
    /// What a commit in the middle of it does. Left out: `supersede`.
    on_new_commit: Option<OnNewCommit>,
    /// The share of requests that proxies still on the old commit decide by the new one too. Left out: none.
    compare: Option<Percent>,
}

/// Some of the proxies; at least one of `select`, `percent` and `count`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "anyOf" = exactly_one(&["select", "percent", "count"]),
        "allOf" = excludes("percent", &["count"]),
    )
)]
struct Wave {
    /// Which of them. Left out: any.
    select: Option<Select>,
    /// This share of those selected. Left out: all.
    percent: Option<SomePercent>,
    /// So many of those selected. Left out: all.
    #[schemars(range(min = 1, max = 1_000_000))]
    count: Option<u32>,
    /// How long it must look good before the next one. Left out: no time.
    bake: Option<Duration>,
}

/// Workloads that all of these hold for.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Select {
    /// All of these labels.
    #[schemars(extend("minProperties" = 1))]
    labels: Option<BTreeMap<String, String>>,
    /// One of these namespaces.
    #[schemars(length(min = 1))]
    namespaces: Option<Vec<Name>>,
    /// In this region, or `region/zone`.
    locality: Option<Region>,
}

/// What stops a rollout; what is left out stops nothing.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Gates {
    /// Proxies that refuse the bundle, at most.
    #[schemars(range(min = 0, max = 1_000_000))]
    refusals: Option<u32>,
    /// The share of good answers.
    success_rate: Option<Drop>,
    /// The latency that 99 % of requests stay below.
    latency_p99: Option<LatencyRise>,
    /// The share of requests that are refused.
    denials: Option<Rise>,
}

/// What may fall.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Drop {
    /// By so many points at most.
    drop: Percent,
}

/// What may rise.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Rise {
    /// By so many points at most.
    rise: Percent,
}

/// A latency that may rise.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct LatencyRise {
    /// By so much of itself at most.
    rise: Growth,
}

/// What happens when a gate closes.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum OnFailedRollout {
    Rollback,
    Pause,
}

/// What a commit in the middle of a rollout does.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum OnNewCommit {
    Supersede,
    Queue,
}
