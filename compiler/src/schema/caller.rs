#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::combine::exactly_one;
use super::matching::Value;
use super::scalar::{CLAIM, Cidr, Identity, Name, OnlyTrue, Reference, Text};

/// One caller, perhaps narrowed: exactly one of the first six fields.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&[
        "service", "gateway", "namespace", "identity", "authenticated", "anyone",
    ]))
)]
pub(super) struct Caller {
    /// The accounts of a service.
    service: Option<Reference>,
    /// What came through this gateway.
    gateway: Option<Reference>,
    /// Every workload of a namespace.
    namespace: Option<Name>,
    /// A SPIFFE ID; `*` is one whole segment.
    identity: Option<Identity>,
    /// Any identity of the mesh.
    authenticated: Option<OnlyTrue>,
    /// Also without identity; in an `allow` with a `reason`, unless a `token` narrows it.
    anyone: Option<OnlyTrue>,
    /// Why anyone is let in.
    reason: Option<Text>,
    /// And from such an address: the peer's; at a gateway the client's.
    cidr: Option<Cidr>,
    /// And with such a token.
    token: Option<Token>,
    /// And none of these.
    #[schemars(length(min = 1))]
    not: Option<Vec<Self>>,
}

/// A valid token of this issuer, with these claims.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Token {
    /// Which `TokenIssuer`.
    issuer: Reference,
    /// By name or JSON pointer; left out: any claims.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": CLAIM}))]
    claims: Option<BTreeMap<String, Value>>,
}

/// A caller in an `allow`: letting anyone in needs a reason or a token.
#[derive(JsonSchema)]
#[schemars(extend(
    "if" = {"required": ["anyone"]},
    "then" = {"anyOf": [{"required": ["reason"]}, {"required": ["token"]}]},
))]
pub(super) struct AllowedCaller(Caller);

/// A caller in a document that lies in no namespace: every reference names its own.
#[derive(JsonSchema)]
#[schemars(extend("properties" = {
    "service": {"pattern": r"\."},
    "gateway": {"pattern": r"\."},
    "token": {"properties": {"issuer": {"pattern": r"\."}}},
    "not": {"items": {"$ref": "#/$defs/QualifiedCaller"}},
}))]
pub(super) struct QualifiedCaller(Caller);
