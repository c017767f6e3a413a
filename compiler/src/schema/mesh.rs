#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::scalar::{
    Bound, Duration, Exception, GlobalMetadata, LoadBalancing, Percent, Retries, Size, document,
};

document!(
    /// The mesh's own settings; one document.
    MeshDocument,
    "Mesh",
    GlobalMetadata,
    Mesh
);

/// What the mesh says of itself, and what holds where an intent is silent.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Mesh {
    /// The SPIFFE trust domain of every identity.
    #[schemars(regex(pattern = "^[a-z0-9._-]+$"))]
    trust_domain: String,
    access: Option<AccessDefault>,
    mtls: Option<Mtls>,
    certificates: Option<Certificates>,
    defaults: Option<Defaults>,
    /// The same blocks for one namespace.
    #[schemars(extend("minProperties" = 1))]
    namespaces: Option<BTreeMap<String, Namespace>>,
    /// What every service must say itself.
    #[schemars(length(min = 1))]
    require: Option<Vec<Requirement>>,
    repository: Option<Repository>,
}

/// What holds for services that no `Access` speaks of.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct AccessDefault {
    default: DefaultAccess,
    /// What `allow` needs.
    exception: Option<Exception>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum DefaultAccess {
    Deny,
    Allow,
}

/// Mutual TLS between workloads.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Mtls {
    mode: MtlsMode,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum MtlsMode {
    Strict,
}

/// Certificates of workloads.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Certificates {
    /// From `5s` to `24h`.
    lifetime: Option<Duration>,
    /// The share of its life after which a certificate is renewed.
    renew_at: Option<Percent>,
}

/// What holds where an intent is silent.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Defaults {
    /// Until a connection to an endpoint is open.
    connect_timeout: Option<Duration>,
    /// The whole exchange.
    timeout: Option<Bound>,
    /// A stream without a byte in either direction.
    stream_idle_timeout: Option<Bound>,
    /// A connection without a request or byte.
    idle_timeout: Option<Bound>,
    retries: Option<Retries>,
    load_balancing: Option<LoadBalancing>,
}

/// One namespace.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Namespace {
    access: Option<AccessDefault>,
    mtls: Option<Mtls>,
    defaults: Option<Defaults>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Requirement {
    Access,
    Team,
    Timeout,
}

/// Limits of the repository; they lower what the operator allows.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
struct Repository {
    #[schemars(range(min = 1))]
    files: Option<u64>,
    file_size: Option<Size>,
    total_size: Option<Size>,
    #[schemars(range(min = 1))]
    rules_per_service: Option<u64>,
}
