#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::matching::{Caller, RequestMatch};
use super::scalar::{Exception, HostPattern, Metadata, Name, Reference, document};

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
        "oneOf" = [{"required": ["service"]}, {"required": ["all"]}],
        "anyOf" = [{"required": ["allow"]}, {"required": ["deny"]}, {"required": ["audit"]}],
    )
)]
struct Access {
    service: Option<Reference>,
    all: Option<All>,
    /// Left out: every port.
    #[schemars(length(min = 1))]
    ports: Option<Vec<Name>>,
    /// Left out: every host.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    #[schemars(length(min = 1))]
    allow: Option<Vec<Allow>>,
    #[schemars(length(min = 1))]
    deny: Option<Vec<Deny>>,
    /// Counted, without effect.
    #[schemars(length(min = 1))]
    audit: Option<Vec<Deny>>,
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
    name: Option<Name>,
    #[schemars(length(min = 1))]
    from: Vec<Caller>,
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
    extend("anyOf" = [{"required": ["from"]}, {"required": ["match"]}])
)]
struct Deny {
    name: Option<Name>,
    #[schemars(length(min = 1))]
    from: Option<Vec<Caller>>,
    #[schemars(length(min = 1))]
    r#match: Option<Vec<RequestMatch>>,
}
