#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::combine::{exactly_one, excludes};
use super::scalar::{Host, Name, OnlyTrue, Text};

/// TLS that ends at a gateway.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListenerTls {
    /// What the gateway shows.
    certificate: Certificate,
    /// Left out: `TLS1.2`.
    min_version: Option<TlsVersion>,
    /// Whether clients show a certificate. Left out: they are not asked.
    clients: Option<Clients>,
}

/// Exactly one of `secret`, `chain` with `key`, and `mesh`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "oneOf" = exactly_one(&["secret", "chain", "mesh"]),
        "dependentRequired" = {"chain": ["key"]},
        "allOf" = excludes("key", &["secret", "mesh"]),
    )
)]
pub(super) struct Certificate {
    /// The name of a secret of the gateway's namespace, on Kubernetes.
    secret: Option<Name>,
    /// A file of the machine that the proxy runs on: PEM, the leaf first.
    chain: Option<Text>,
    /// A file of the machine that the proxy runs on: PEM.
    key: Option<Text>,
    /// The workload's own SPIFFE certificate.
    mesh: Option<OnlyTrue>,
}

/// The lowest version of TLS.
#[derive(JsonSchema)]
pub(super) enum TlsVersion {
    #[schemars(rename = "TLS1.2")]
    Tls12,
    #[schemars(rename = "TLS1.3")]
    Tls13,
}

/// Certificates of clients.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Clients {
    /// Whether one without a certificate is refused.
    mode: ClientsMode,
    /// Who signs them: a file of the machine that the proxy runs on, PEM.
    ca: Text,
    /// One of these names must be in the certificate. Left out: any name.
    #[schemars(length(min = 1))]
    subject_alt_names: Option<Vec<Text>>,
}

/// Whether one without a certificate is refused.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum ClientsMode {
    Required,
    Optional,
}

/// TLS that a proxy starts; `{}` says that there is TLS, with what follows from the host.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExternalTls {
    /// Left out: the host that was called.
    server_name: Option<Host>,
    /// One of these must be in the certificate. Left out: the server name.
    #[schemars(length(min = 1))]
    subject_alt_names: Option<Vec<Text>>,
    /// Who signs it: a file of the machine that the proxy runs on, PEM. Left out: the machine's roots.
    ca: Option<Text>,
    /// What the proxy shows where it is asked.
    certificate: Option<Certificate>,
    /// Left out: `TLS1.2`.
    min_version: Option<TlsVersion>,
}
