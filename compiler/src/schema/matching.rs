#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::combine::excludes;
use super::scalar::{Method, TOKEN, Text};

/// Which requests: the fields are AND, what a field lists is OR, `not` subtracts.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("minProperties" = 1, "allOf" = excludes("grpc", &["methods", "paths"]))
)]
pub(super) struct RequestMatch {
    /// In capitals; `GET` includes `HEAD`.
    #[schemars(length(min = 1))]
    methods: Option<Vec<Method>>,
    /// Any of these.
    #[schemars(length(min = 1))]
    paths: Option<Vec<Path>>,
    /// `shop.v1.Reviews/List` or `shop.v1.Reviews/*`, instead of methods and paths.
    #[schemars(
        length(min = 1),
        inner(regex(
            pattern = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*/(\*|[A-Za-z_][A-Za-z0-9_]*)$"
        ))
    )]
    grpc: Option<Vec<String>>,
    /// By name; case does not count in names.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    headers: Option<BTreeMap<String, Value>>,
    /// By name, decoded.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"minLength": 1}))]
    query: Option<BTreeMap<String, Value>>,
    /// By name.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    cookies: Option<BTreeMap<String, Value>>,
    /// None of these.
    #[schemars(length(min = 1))]
    not: Option<Vec<Self>>,
}

/// A path: literal segments, `*` for one segment, a trailing `/**` for this and all below.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum Path {
    Segments(PathText),
    Regex(Regex),
}

/// A path: literal segments, `*` for one segment, a trailing `/**` for this and all below.
#[derive(JsonSchema)]
pub(super) struct PathText(#[schemars(regex(pattern = r"^/[^\s?#;]*$"))] String);

/// One path, without `*`.
#[derive(JsonSchema)]
pub(super) struct LiteralPath(#[schemars(regex(pattern = r"^/[^\s?#;*]*$"))] String);

/// RE2 over the whole text.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Regex {
    /// Without look-around.
    regex: Text,
}

/// The value of a header, query parameter, cookie or claim: a text, or a pattern.
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
    /// It begins with this.
    prefix: Option<Text>,
    /// It ends with this.
    suffix: Option<Text>,
    /// RE2 over the whole value.
    regex: Option<Text>,
    /// It is one of these.
    #[schemars(length(min = 1))]
    r#in: Option<Vec<String>>,
    /// `true`: there, whatever it is. `false`: not there.
    present: Option<bool>,
}
