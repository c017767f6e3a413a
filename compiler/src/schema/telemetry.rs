#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::access::All;
use super::combine::exactly_one;
use super::scalar::{Duration, HostPattern, Key, Metadata, Name, Percent, Reference, document};

document!(
    /// What is written down of requests.
    TelemetryDocument,
    "Telemetry",
    Metadata,
    Telemetry
);

/// The name of a label or field.
const LABEL: &str = "^[a-z][a-z0-9_]*$";

/// Access log, traces and metrics of a target.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["service", "gateway", "external", "all"]),
        "anyOf" = exactly_one(&["accessLog", "traces", "metrics"]),
    )
)]
struct Telemetry {
    /// The called service.
    service: Option<Reference>,
    /// What comes in at this gateway.
    gateway: Option<Reference>,
    /// What goes out to this external service.
    external: Option<Reference>,
    /// Every service of this namespace, or of the mesh.
    all: Option<All>,
    /// Left out: every port.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    /// Left out: every host.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    /// Which requests are written to the log, and how.
    access_log: Option<AccessLog>,
    /// Which requests are traced.
    traces: Option<Traces>,
    /// What metrics tell apart.
    metrics: Option<Metrics>,
}

/// Which requests are written to the log, and how.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct AccessLog {
    /// Left out: `json`.
    format: Option<LogFormat>,
    /// Left out: `stdout`.
    exporter: Option<LogExporter>,
    /// These always.
    when: Option<When>,
    /// Of the others this share. Left out: all, or with `when` none.
    sample: Option<Percent>,
    /// More fields, and what gives their values.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": LABEL}))]
    fields: Option<BTreeMap<String, Key>>,
}

/// How a line looks.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum LogFormat {
    Json,
    Text,
}

/// Where lines go: standard output, or the collector of the mesh.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum LogExporter {
    Stdout,
    Otlp,
}

/// Requests that are always written; any of these.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct When {
    /// `503` or `5xx`.
    #[schemars(length(min = 1))]
    status: Option<Vec<StatusPattern>>,
    /// It took longer.
    slower_than: Option<Duration>,
}

/// `503` or `5xx`.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum StatusPattern {
    Exactly(#[schemars(range(min = 100, max = 599))] u16),
    Class(StatusClass),
}

/// The first digit of a status.
#[derive(JsonSchema)]
enum StatusClass {
    #[schemars(rename = "1xx")]
    One,
    #[schemars(rename = "2xx")]
    Two,
    #[schemars(rename = "3xx")]
    Three,
    #[schemars(rename = "4xx")]
    Four,
    #[schemars(rename = "5xx")]
    Five,
}

/// Which requests are traced.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Traces {
    /// The share of requests without a parent whose trace is kept.
    sample: Percent,
}

/// What metrics tell apart.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Metrics {
    /// More labels, and what gives their values.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": LABEL}))]
    labels: BTreeMap<String, Key>,
}
