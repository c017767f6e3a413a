#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::scalar::{Name, OnlyTrue, Reference, Text};

/// One caller, perhaps narrowed: exactly one of the first five fields.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = [
        {"required": ["service"]},
        {"required": ["namespace"]},
        {"required": ["identity"]},
        {"required": ["authenticated"]},
        {"required": ["anyone"]},
    ])
)]
pub(super) struct Caller {
    /// The accounts of a service.
    service: Option<Reference>,
    /// Every workload of a namespace.
    namespace: Option<Name>,
    /// A SPIFFE ID; `*` is one whole segment.
    #[schemars(regex(pattern = "^spiffe://"))]
    identity: Option<String>,
    /// Any identity of the mesh.
    authenticated: Option<OnlyTrue>,
    /// Also without identity; in an `allow` with a `reason`.
    anyone: Option<OnlyTrue>,
    /// Why anyone is let in.
    reason: Option<Text>,
    /// And from such an address, `10.8.0.0/16`.
    #[schemars(regex(pattern = "^[0-9a-fA-F.:]+/[0-9]{1,3}$"))]
    cidr: Option<String>,
    /// And none of these.
    #[schemars(length(min = 1))]
    not: Option<Vec<Self>>,
}

/// Which requests: the fields are AND, what a field lists is OR, `not` subtracts.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct RequestMatch {
    /// In capitals; `GET` includes `HEAD`.
    #[schemars(length(min = 1), inner(regex(pattern = "^[^a-z\\s]+$")))]
    methods: Option<Vec<String>>,
    #[schemars(length(min = 1))]
    paths: Option<Vec<Path>>,
    /// `shop.v1.Reviews/List` or `shop.v1.Reviews/*`, instead of methods and paths.
    #[schemars(
        length(min = 1),
        inner(regex(pattern = r"^[A-Za-z_][\w.]*/(\*|[A-Za-z_]\w*)$"))
    )]
    grpc: Option<Vec<String>>,
    /// By name; case does not count in names.
    #[schemars(extend("minProperties" = 1))]
    headers: Option<BTreeMap<String, Value>>,
    /// By name, decoded.
    #[schemars(extend("minProperties" = 1))]
    query: Option<BTreeMap<String, Value>>,
    /// By name.
    #[schemars(extend("minProperties" = 1))]
    cookies: Option<BTreeMap<String, Value>>,
    /// None of these.
    #[schemars(length(min = 1))]
    not: Option<Vec<Self>>,
}

/// A path: literal segments, `*` for one segment, a trailing `/**` for this and all below.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Path {
    Segments(#[schemars(regex(pattern = r"^/[^\s?#;]*$"))] String),
    Regex(Regex),
}

/// RE2 over the whole path.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Regex {
    regex: Text,
}

/// The value of a header, query parameter or cookie: a text, or a pattern.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Value {
    Exact(String),
    Pattern(ValuePattern),
}

/// Exactly one of these.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("minProperties" = 1, "maxProperties" = 1)
)]
pub(super) struct ValuePattern {
    prefix: Option<Text>,
    suffix: Option<Text>,
    /// RE2 over the whole value.
    regex: Option<Text>,
    #[schemars(length(min = 1))]
    r#in: Option<Vec<String>>,
    /// `true`: there, whatever it is. `false`: not there.
    present: Option<bool>,
}
