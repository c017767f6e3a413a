#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::combine::{exactly_one, excludes};
use super::endpoint::{ExternalEndpoint, ExternalPorts, Protocol};
use super::scalar::{
    Address, Cidr, HostPattern, Metadata, Name, OnlyTrue, PortNumber, Reference, document,
};
use super::tls::{ExternalTls, ListenerTls};

document!(
    /// The edge, on the way in.
    GatewayDocument,
    "Gateway",
    Metadata,
    Gateway
);

document!(
    /// What lies outside, on the way out.
    ExternalServiceDocument,
    "ExternalService",
    Metadata,
    ExternalService
);

/// A proxy that takes connections from outside, or through which they leave.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Gateway {
    /// Who its workloads are. Left out: the gateway's name.
    #[schemars(length(min = 1))]
    accounts: Option<Vec<Name>>,
    /// Where the client's address is found. Left out: it is the peer's.
    client_address: Option<ClientAddress>,
    /// Left out: a gateway that only others leave the mesh through.
    #[schemars(length(min = 1))]
    listeners: Option<Vec<Listener>>,
    /// Whose documents may be about it. Left out: its own namespace's.
    attach: Option<Attach>,
}

/// Where the client's address is found; exactly one of these.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("oneOf" = exactly_one(&["forwardedFor", "proxyProtocol"]))
)]
struct ClientAddress {
    /// In `X-Forwarded-For`.
    forwarded_for: Option<ForwardedFor>,
    /// In a PROXY header before anything else.
    proxy_protocol: Option<OnlyTrue>,
}

/// Which entry of `X-Forwarded-For`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct ForwardedFor {
    /// So many entries, from its end, were written by proxies that are trusted.
    #[schemars(range(min = 1, max = 16))]
    trusted_hops: u8,
}

/// A port that is listened on.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend("allOf" = excludes("redirect", &["tls"]))
)]
struct Listener {
    /// What it is called in logs, and in `ports` of documents about the gateway.
    name: Option<Name>,
    /// Several listeners may share one where their hosts differ.
    port: PortNumber,
    /// `tls` is passed through by server name. Left out: `http`.
    protocol: Option<Protocol>,
    /// Left out: every host.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    /// Addresses of the machine that it listens on. Left out: all of them.
    #[schemars(length(min = 1))]
    addresses: Option<Vec<Address>>,
    /// TLS that ends here.
    tls: Option<ListenerTls>,
    /// Everything is sent to the same place under `https`.
    redirect: Option<ListenerRedirect>,
}

/// Where a whole listener redirects to.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct ListenerRedirect {
    /// The scheme instead.
    #[schemars(extend("const" = "https"))]
    scheme: String,
}

/// Whose documents may be about it.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct Attach {
    /// Those of these namespaces.
    #[schemars(length(min = 1))]
    namespaces: Vec<Name>,
}

/// Something outside the mesh that may be called; says at least one of `hosts`, `endpoints` and `addresses`.
#[derive(JsonSchema)]
#[schemars(
    rename_all = "camelCase",
    deny_unknown_fields,
    extend(
        "anyOf" = exactly_one(&["hosts", "endpoints", "addresses"]),
        "allOf" = excludes("addresses", &["endpoints"]),
    )
)]
struct ExternalService {
    /// What callers write; resolved by DNS where no endpoints are written.
    #[schemars(length(min = 1))]
    hosts: Option<Vec<HostPattern>>,
    /// Where it is, instead of DNS.
    #[schemars(length(min = 1))]
    endpoints: Option<Vec<ExternalEndpoint>>,
    /// Ranges of addresses that callers connect to without a name.
    #[schemars(length(min = 1))]
    addresses: Option<Vec<Cidr>>,
    /// What the application speaks, and where it goes.
    ports: ExternalPorts,
    /// The proxy starts TLS.
    tls: Option<ExternalTls>,
    /// The gateway that all of it leaves through. Left out: the caller's own proxy.
    via: Option<Reference>,
}
