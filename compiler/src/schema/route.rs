#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::matching::{Caller, RequestMatch};
use super::scalar::{
    Bound, Duration, Host, Key, Metadata, Name, PortNumber, Reference, RuleRetries, document,
};

document!(
    /// Where requests to a service go.
    RouteDocument,
    "Route",
    Metadata,
    Route
);

/// Rules about one service, without order: the more specific one decides.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Route {
    service: Reference,
    /// Required when the service has several.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    #[schemars(length(min = 1))]
    rules: Vec<Rule>,
}

/// Callers and requests, and one outcome: forward, `redirect` or `respond`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Rule {
    /// What it is called in logs and metrics.
    name: Option<Name>,
    /// Settles an overlap of which neither rule contains the other; the greater one first.
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
    rewrite: Option<Rewrite>,
    redirect: Option<Redirect>,
    respond: Option<Respond>,
    headers: Option<Headers>,
    /// The whole exchange, retries included.
    timeout: Option<Bound>,
    /// One attempt.
    per_try_timeout: Option<Duration>,
    retries: Option<RuleRetries>,
}

/// A version of this service, or another service; with several, each has a weight.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = [{"required": ["version"]}, {"required": ["service"]}])
)]
struct Backend {
    version: Option<Name>,
    service: Option<Reference>,
    #[schemars(range(min = 0, max = 1_000_000))]
    weight: Option<u32>,
    headers: Option<Headers>,
}

/// What the upstream sees instead.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Rewrite {
    path: Option<PathTemplate>,
    host: Option<Host>,
}

/// `$1` to `$9` are what the stars of the path were; a trailing `/**` is what the pattern's matched.
#[derive(JsonSchema)]
struct PathTemplate(#[schemars(regex(pattern = r"^/[^\s?#;]*$"))] String);

/// What the client is told.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("anyOf" = [
        {"required": ["scheme"]},
        {"required": ["host"]},
        {"required": ["port"]},
        {"required": ["path"]},
    ])
)]
struct Redirect {
    scheme: Option<Scheme>,
    host: Option<Host>,
    port: Option<PortNumber>,
    path: Option<PathTemplate>,
    #[schemars(extend("enum" = [301, 302, 303, 307, 308]))]
    status: Option<u16>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Scheme {
    Http,
    Https,
}

/// The answer itself.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Respond {
    #[schemars(range(min = 200, max = 599))]
    status: u16,
    #[schemars(extend("minProperties" = 1))]
    headers: Option<BTreeMap<String, String>>,
    /// At most 64 KiB.
    body: Option<String>,
}

/// Edits of headers.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Headers {
    request: Option<HeaderEdits>,
    response: Option<HeaderEdits>,
}

/// In the order set, add, remove.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct HeaderEdits {
    #[schemars(extend("minProperties" = 1))]
    set: Option<BTreeMap<String, String>>,
    #[schemars(extend("minProperties" = 1))]
    add: Option<BTreeMap<String, String>>,
    #[schemars(length(min = 1))]
    remove: Option<Vec<String>>,
}
