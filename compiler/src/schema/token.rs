#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::combine::{exactly_one, excludes};
use super::scalar::{CLAIM, Cookie, Duration, Header, Metadata, Text, document};

document!(
    /// Whose tokens are believed.
    TokenIssuerDocument,
    "TokenIssuer",
    Metadata,
    TokenIssuer
);

/// An issuer of JSON Web Tokens.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct TokenIssuer {
    /// `iss` of its tokens.
    issuer: Text,
    /// One of these is in `aud`.
    #[schemars(length(min = 1))]
    audiences: Vec<Text>,
    /// What they are signed with.
    keys: Keys,
    /// Where a token is looked for. Left out: `authorization`, after `Bearer `.
    #[schemars(length(min = 1))]
    locations: Option<Vec<Location>>,
    /// Left out: `RS256` and `ES256`.
    #[schemars(length(min = 1))]
    algorithms: Option<Vec<Algorithm>>,
    /// Whether the application gets the token. Left out: no.
    forward: Option<bool>,
    /// Claims, by name or JSON pointer, and the header that each becomes.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": CLAIM}))]
    claims_to_headers: Option<BTreeMap<String, Header>>,
    /// How far the clocks may differ. Left out: `1m`.
    leeway: Option<Duration>,
}

/// What tokens are signed with; exactly one of `url`, `inline` and `file`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["url", "inline", "file"]),
        "allOf" = excludes("refresh", &["inline", "file"]),
    )
)]
struct Keys {
    /// Fetched by the operator; its host is one of an `ExternalService`.
    #[schemars(regex(pattern = "^https://[a-z0-9]"))]
    url: Option<String>,
    /// How often they are fetched. Left out: `10m`.
    refresh: Option<Duration>,
    /// A JSON Web Key Set.
    inline: Option<Text>,
    /// A file with one, relative to the document.
    #[schemars(regex(pattern = r"^(?!\.{1,2}(/|$))[^/]+(/(?!\.{1,2}(/|$))[^/]+)*$"))]
    file: Option<String>,
}

/// A place where a token is looked for; exactly one of `header`, `cookie` and `query`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["header", "cookie", "query"]),
        "allOf" = excludes("prefix", &["cookie", "query"]),
    )
)]
struct Location {
    /// A header.
    header: Option<Header>,
    /// What stands before the token in the header.
    prefix: Option<String>,
    /// A cookie.
    cookie: Option<Cookie>,
    /// A query parameter.
    query: Option<Text>,
}

/// How tokens are signed: RFC 7518 and RFC 8037.
#[derive(JsonSchema)]
enum Algorithm {
    #[schemars(rename = "RS256")]
    Rs256,
    #[schemars(rename = "RS384")]
    Rs384,
    #[schemars(rename = "RS512")]
    Rs512,
    #[schemars(rename = "PS256")]
    Ps256,
    #[schemars(rename = "PS384")]
    Ps384,
    #[schemars(rename = "PS512")]
    Ps512,
    #[schemars(rename = "ES256")]
    Es256,
    #[schemars(rename = "ES384")]
    Es384,
    #[schemars(rename = "EdDSA")]
    EdDsa,
}
