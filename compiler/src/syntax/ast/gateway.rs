use std::net::IpAddr;

use ipnet::IpNet;
use mesh_ir::{HostPattern, Name, Protocol};

use super::{Endpoint, Spanned};
use crate::diagnostic::Span;
use crate::syntax::ast::Port;
use crate::syntax::ast::Reference;

/// `spec` of a `Gateway`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gateway {
    /// Left out: the gateway's name.
    pub(crate) accounts: Vec<Spanned<Name>>,
    /// Where the client's address is found; left out: it is the peer's.
    pub(crate) client_address: Option<ClientAddress>,
    /// Left out: a gateway that only others leave the mesh through.
    pub(crate) listeners: Vec<Listener>,
    /// `attach.namespaces`: whose `Route` may name it; empty: its own namespace's.
    pub(crate) attach: Vec<Spanned<Name>>,
}

/// `clientAddress`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientAddress {
    /// `forwardedFor.trustedHops`: so many entries of `X-Forwarded-For`, from its end, were
    /// written by proxies that are trusted; at least 1.
    ForwardedFor(Spanned<u8>),
    /// `proxyProtocol: true`: a PROXY header, version 1 or 2, before anything else.
    ProxyProtocol(Span),
}

/// One entry of `listeners`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listener {
    /// What it is called in logs, and in `ports` of documents about the gateway.
    pub(crate) name: Option<Spanned<Name>>,
    /// Several listeners may share one where their hosts differ.
    pub(crate) port: Spanned<u16>,
    /// Left out: `http`.
    pub(crate) protocol: Option<Spanned<Protocol>>,
    /// Left out: every host.
    pub(crate) hosts: Vec<Spanned<HostPattern>>,
    /// Addresses of the machine that it listens on; left out: all of them.
    pub(crate) addresses: Vec<Spanned<IpAddr>>,
    /// TLS that ends here.
    pub(crate) tls: Option<ListenerTls>,
    /// `redirect.scheme`: everything is sent to the same place under `https`.
    pub(crate) redirect: Option<Span>,
    /// The entry.
    pub(crate) span: Span,
}

/// `tls` of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListenerTls {
    /// Whom it shows.
    pub(crate) certificate: Certificate,
    /// Left out: TLS 1.2.
    pub(crate) min_version: Option<Spanned<TlsVersion>>,
    /// Whether clients show a certificate; left out: they are not asked.
    pub(crate) clients: Option<Clients>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `certificate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// `secret`: the name of a secret of the gateway's namespace on Kubernetes.
    Secret(Spanned<Name>),
    /// `chain` and `key`: files of the machine that the proxy runs on.
    Files {
        /// PEM, the leaf first.
        chain: Spanned<String>,
        /// PEM.
        key: Spanned<String>,
    },
    /// `mesh: true`: the workload's own SPIFFE certificate.
    Mesh(Span),
}

/// A word of `minVersion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TlsVersion {
    /// `TLS1.2`.
    Tls12,
    /// `TLS1.3`.
    Tls13,
}

/// `tls.clients`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clients {
    /// Whether one without a certificate is refused.
    pub(crate) mode: Spanned<ClientsMode>,
    /// PEM: who signs them; a file of the machine that the proxy runs on.
    pub(crate) ca: Spanned<String>,
    /// One of these names must be in the certificate; empty: any name.
    pub(crate) subject_alt_names: Vec<Spanned<String>>,
}

/// A word of `clients.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClientsMode {
    /// Without a certificate there is no connection.
    Required,
    /// One that is there must be valid.
    Optional,
}

/// `spec` of an `ExternalService`; says `hosts` or `endpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExternalService {
    /// What callers write; resolved by DNS where no endpoints are written.
    pub(crate) hosts: Vec<Spanned<HostPattern>>,
    /// Where it is, instead of DNS.
    pub(crate) endpoints: Vec<Endpoint>,
    /// Ranges of addresses that callers connect to without a name; on `tcp` ports only.
    pub(crate) addresses: Vec<Spanned<IpNet>>,
    /// Never empty.
    pub(crate) ports: Vec<Port>,
    /// The proxy starts TLS.
    pub(crate) tls: Option<ExternalTls>,
    /// The gateway that all of it leaves through.
    pub(crate) via: Option<Spanned<Reference>>,
}

/// `tls` of an `ExternalService`; `{}` says that there is TLS, with what follows from the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExternalTls {
    /// Left out: the host that was called.
    pub(crate) server_name: Option<Spanned<mesh_ir::Host>>,
    /// One of these must be in the certificate; empty: the server name.
    pub(crate) subject_alt_names: Vec<Spanned<String>>,
    /// PEM: who signs it; left out: the roots of the machine.
    pub(crate) ca: Option<Spanned<String>>,
    /// What the proxy shows where it is asked.
    pub(crate) certificate: Option<Certificate>,
    /// Left out: TLS 1.2.
    pub(crate) min_version: Option<Spanned<TlsVersion>>,
    /// The mapping.
    pub(crate) span: Span,
}
