#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::combine::exactly_one;
use super::matching::Value;
use super::scalar::{
    Address, Bound, Date, Duration, Host, Identity, Metadata, Method, NAME, Name, OnlyTrue,
    REFERENCE, Reference, TOKEN, Text, document,
};

document!(
    /// Requests and what comes of them.
    PolicyTestDocument,
    "PolicyTest",
    Metadata,
    PolicyTest
);

/// What `mesh test` asks.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct PolicyTest {
    /// Each for itself.
    #[schemars(length(min = 1))]
    cases: Vec<Case>,
}

/// A request, and what comes of it.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    /// A sentence; what reports call it.
    name: Text,
    /// Who asks.
    from: From,
    /// What is asked.
    request: Request,
    /// What comes of it.
    expect: Expect,
}

/// Who asks; exactly one of these.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("minProperties" = 1, "maxProperties" = 1)
)]
struct From {
    /// Each account of a service.
    service: Option<Reference>,
    /// A gateway.
    gateway: Option<Reference>,
    /// Every account of a namespace.
    namespace: Option<Name>,
    /// One SPIFFE ID.
    identity: Option<Identity>,
    /// Somebody without identity.
    anyone: Option<OnlyTrue>,
}

/// What is asked.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("dependentRequired" = {"issuer": ["claims"]})
)]
struct Request {
    /// Left out: `GET`.
    method: Option<Method>,
    /// `http://reviews.shop/reviews/7`; also `https`, `tcp` and `tls`.
    #[schemars(regex(pattern = "^(http|https|tcp|tls)://[a-z0-9]"))]
    url: String,
    /// By name.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    headers: Option<BTreeMap<String, String>>,
    /// Whose token the claims are from. Left out: of every issuer that is asked for.
    issuer: Option<Reference>,
    /// The claims of a valid token. Left out: there is no token.
    #[schemars(extend("type" = "object"))]
    claims: Option<TokenClaim>,
    /// The caller's address. Left out: one that no intent names.
    address: Option<Address>,
    /// When. Left out: the time of the compilation.
    time: Option<Date>,
}

/// Any JSON but null and fractions.
struct TokenClaim;

impl JsonSchema for TokenClaim {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TokenClaim".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Any JSON but null and fractions.",
            "type": ["string", "integer", "boolean", "array", "object"],
            "items": {"$ref": "#/$defs/TokenClaim"},
            "additionalProperties": {"$ref": "#/$defs/TokenClaim"},
        })
    }
}

/// What comes of it; exactly one of these.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["forward", "redirect", "respond", "refuse"]))
)]
struct Expect {
    /// It is sent on.
    forward: Option<ExpectForward>,
    /// It is answered with another place.
    redirect: Option<ExpectRedirect>,
    /// It is answered by a rule.
    respond: Option<ExpectRespond>,
    /// It is refused.
    refuse: Option<ExpectRefuse>,
}

/// It is sent on; what is left out may be anything.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectForward {
    /// The rule that decides: its name or its id.
    rule: Option<Text>,
    /// The service that it ends at.
    service: Option<Reference>,
    /// Versions and their weights, as shares of the sum of all weights.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": NAME, "maxLength": 63},
        "additionalProperties" = {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    ))]
    versions: Option<BTreeMap<String, u32>>,
    /// Other services and their weights, as shares of the sum of all weights.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {"pattern": REFERENCE},
        "additionalProperties" = {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    ))]
    services: Option<BTreeMap<String, u32>>,
    /// The whole exchange.
    timeout: Option<Bound>,
    /// One attempt.
    per_try_timeout: Option<Duration>,
    /// Retries.
    #[schemars(range(min = 0, max = 10))]
    attempts: Option<u32>,
    /// What the upstream gets as path and query.
    #[schemars(regex(pattern = "^/[!-~]*$"))]
    path: Option<String>,
    /// What it gets as host.
    host: Option<Host>,
    /// What it gets as headers, after edits.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": TOKEN}))]
    headers: Option<BTreeMap<String, Value>>,
}

/// It is answered with another place; what is left out may be anything.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectRedirect {
    /// The rule that answers: its name or its id.
    rule: Option<Text>,
    /// The status.
    #[schemars(range(min = 300, max = 399))]
    status: Option<u16>,
    /// The header of this name.
    location: Option<Text>,
}

/// It is answered by a rule; what is left out may be anything.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectRespond {
    /// The rule that answers: its name or its id.
    rule: Option<Text>,
    /// The status.
    #[schemars(range(min = 200, max = 599))]
    status: Option<u16>,
    /// All of it.
    body: Option<String>,
}

/// It is refused; what is left out may be anything.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectRefuse {
    /// The rule that refuses: its name or its id.
    rule: Option<Text>,
    /// The status.
    #[schemars(range(min = 400, max = 599))]
    status: Option<u16>,
    /// The word of `x-mesh-reason`.
    reason: Option<Text>,
}
