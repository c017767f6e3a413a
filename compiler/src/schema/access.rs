#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::caller::{AllowedCaller, Caller};
use super::combine::exactly_one;
use super::matching::RequestMatch;
use super::scalar::{Duration, Exception, HostPattern, Metadata, Name, Reference, document};

document!(
    /// Who may call.
    AccessDocument,
    "Access",
    Metadata,
    Access
);

/// Documents about one target add up; deny beats allow; no allow means no.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["service", "gateway", "external", "all"]),
        "anyOf" = exactly_one(&["allow", "deny", "audit", "authorizer"]),
    )
)]
struct Access {
    /// The called service.
    service: Option<Reference>,
    /// What comes in at this gateway.
    gateway: Option<Reference>,
    /// What goes out to this external service.
    external: Option<Reference>,
    /// Every service of this namespace, or of the mesh.
    all: Option<All>,
    /// Left out: every port. Required when the service has several.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    /// Left out: every host.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    /// Any of these lets a request in.
    #[schemars(length(min = 1))]
    allow: Option<Vec<Allow>>,
    /// Any of these refuses it, whatever is allowed.
    #[schemars(length(min = 1))]
    deny: Option<Vec<Deny>>,
    /// Counted, without effect.
    #[schemars(length(min = 1))]
    audit: Option<Vec<Deny>>,
    /// Whom to ask about what the rules let in.
    authorizer: Option<Authorizer>,
    /// Decide and count, do not enforce.
    shadow: Option<bool>,
}

/// Every service of this namespace, or of the mesh.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum All {
    Namespace,
    Mesh,
}

/// Who is let in, and with which requests.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Allow {
    /// What it is called in logs and metrics. Left out: a short hash of its content.
    name: Option<Name>,
    /// Any of these callers.
    #[schemars(length(min = 1))]
    from: Vec<AllowedCaller>,
    /// Any of these; left out: every request.
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
    /// The entry ends by itself.
    exception: Option<Exception>,
}

/// Callers, requests, or both.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("anyOf" = exactly_one(&["from", "match"]))
)]
struct Deny {
    /// What it is called in logs and metrics. Left out: a short hash of its content.
    name: Option<Name>,
    /// Any of these; left out: every caller.
    #[schemars(length(min = 1))]
    from: Option<Vec<Caller>>,
    /// Any of these; left out: every request.
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
}

/// A service that is asked about what the rules let in (`ext_authz`); all that apply must agree.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Authorizer {
    /// Which.
    service: Reference,
    /// Left out: the only one that fits the protocol.
    port: Option<Name>,
    /// Left out: `grpc`.
    protocol: Option<AuthorizerProtocol>,
    /// How long its answer may take.
    timeout: Option<Duration>,
    /// What happens without an answer. Left out: `deny`.
    on_failure: Option<OnFailure>,
    /// What `onFailure: allow` needs.
    exception: Option<Exception>,
    /// Any of these; left out: every request.
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
}

/// What an authorizer speaks.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum AuthorizerProtocol {
    Grpc,
    Http,
}

/// What happens to a request that nobody judged.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum OnFailure {
    Deny,
    Allow,
}
