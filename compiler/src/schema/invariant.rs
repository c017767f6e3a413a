#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::caller::QualifiedCaller;
use super::combine::exactly_one;
use super::matching::RequestMatch;
use super::scalar::{GlobalMetadata, Name, QualifiedReference, document};

document!(
    /// What holds of any commit.
    InvariantDocument,
    "Invariant",
    GlobalMetadata,
    Invariant
);

/// What must never, or always, be let through.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("anyOf" = exactly_one(&["never", "always"]))
)]
struct Invariant {
    /// None of these is let through.
    #[schemars(length(min = 1))]
    never: Option<Vec<Claim>>,
    /// All of these are let through.
    #[schemars(length(min = 1))]
    always: Option<Vec<Claim>>,
}

/// Callers, what they call, and with which requests.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Claim {
    /// What reports call it.
    name: Option<Name>,
    /// Any of these callers; every reference names its namespace.
    #[schemars(length(min = 1))]
    from: Vec<QualifiedCaller>,
    /// Any of these.
    #[schemars(length(min = 1))]
    to: Vec<Destination>,
    /// Any of these; left out: every request.
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
}

/// What is called; exactly one of the first four fields.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["service", "gateway", "external", "namespace"]))
)]
struct Destination {
    /// A service, with its namespace.
    service: Option<QualifiedReference>,
    /// A gateway, with its namespace.
    gateway: Option<QualifiedReference>,
    /// An `ExternalService`, with its namespace.
    external: Option<QualifiedReference>,
    /// Every service of a namespace.
    namespace: Option<Name>,
    /// Left out: every port.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
}
