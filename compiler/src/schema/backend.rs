#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::answer::Headers;
use super::combine::{exactly_one, excludes};
use super::matching::Regex;
use super::retries::GrpcStatus;
use super::scalar::{Duration, Header, Method, Name, Percent, Reference};

/// A version of this service, or something else; with several, each has a weight.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["version", "service", "external"]),
        "allOf" = excludes("version", &["port"]),
    )
)]
pub(super) struct Backend {
    /// A version of the route's own service; final.
    version: Option<Name>,
    /// Another service, whose own routes and access apply.
    service: Option<Reference>,
    /// An `ExternalService`.
    external: Option<Reference>,
    /// Of the other service. Left out: the only one.
    port: Option<Name>,
    /// Its share of the sum; 0 is none.
    #[schemars(range(min = 0, max = 1_000_000))]
    weight: Option<u32>,
    /// Edits of headers, after the rule's.
    headers: Option<Headers>,
}

/// Where requests go when what was drawn cannot take them.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["version", "service", "external"]),
        "allOf" = excludes("version", &["port"]),
    )
)]
pub(super) struct Fallback {
    /// A version of the route's own service; final.
    version: Option<Name>,
    /// Another service, whose own routes and access apply.
    service: Option<Reference>,
    /// An `ExternalService`.
    external: Option<Reference>,
    /// Of the other service. Left out: the only one.
    port: Option<Name>,
    /// Edits of headers, after the rule's.
    headers: Option<Headers>,
}

/// Who gets copies of requests.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["version", "service", "external"]),
        "allOf" = excludes("version", &["port"]),
    )
)]
pub(super) struct Mirror {
    /// A version of the route's own service.
    version: Option<Name>,
    /// Another service, whose access must allow the caller.
    service: Option<Reference>,
    /// An `ExternalService`.
    external: Option<Reference>,
    /// Of the other service. Left out: the only one.
    port: Option<Name>,
    /// The share of requests. Left out: all.
    percent: Option<Percent>,
}

/// What goes wrong on purpose.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct Fault {
    /// Before the request is sent; counts in the timeout.
    delay: Option<Delay>,
    /// Instead of sending it; not retried.
    abort: Option<Abort>,
}

/// A wait before the request is sent.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Delay {
    /// How long.
    r#for: Duration,
    /// The share of requests. Left out: all.
    percent: Option<Percent>,
}

/// An answer instead of sending the request.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["status", "grpc"]))
)]
pub(super) struct Abort {
    /// Of HTTP.
    #[schemars(range(min = 200, max = 599))]
    status: Option<u16>,
    /// Of gRPC.
    grpc: Option<GrpcStatus>,
    /// The share of requests. Left out: all.
    percent: Option<Percent>,
}

/// Which scripts of other origins may read the answers.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Cors {
    /// Any of these.
    #[schemars(length(min = 1))]
    origins: Vec<Origin>,
    /// Left out: those of the rule.
    #[schemars(length(min = 1))]
    methods: Option<Vec<Method>>,
    /// Headers that a script may send.
    #[schemars(length(min = 1))]
    headers: Option<Vec<Header>>,
    /// Headers that a script may read.
    #[schemars(length(min = 1))]
    expose: Option<Vec<Header>>,
    /// Whether cookies go along; not with `"*"`.
    credentials: Option<bool>,
    /// How long a browser remembers the answer.
    max_age: Option<Duration>,
}

/// An origin as browsers write it, `"*"`, or a pattern.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Origin {
    Exactly(OriginText),
    Regex(Regex),
}

/// `https://shop.example`, perhaps with a port, or `"*"`.
#[derive(JsonSchema)]
pub(super) struct OriginText(
    #[schemars(regex(pattern = r"^(\*|https?://[a-z0-9.-]+(:[1-9][0-9]{0,4})?)$"))]
    String,
);
