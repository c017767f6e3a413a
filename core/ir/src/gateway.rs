use std::net::IpAddr;

use mesh_identity::SpiffeId;

use crate::{Certificate, HostPattern, Name, ObjectRef, Origin, Protocol, TlsVersion};

/// A `Gateway`: the mesh's door, in and out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Namespace and name.
    pub id: ObjectRef,
    /// Where the document begins.
    pub origin: Origin,
    /// Who it is to the services that it calls. Sorted.
    pub accounts: Vec<SpiffeId>,
    /// Where the client's address is found.
    pub client_address: ClientAddress,
    /// Sorted by name; empty for one that others only leave the mesh through.
    pub listeners: Vec<Listener>,
    /// The namespaces whose `Route` may name it. Sorted.
    pub attach: Vec<Name>,
}

impl Gateway {
    /// A listener by its name.
    pub fn listener(&self, name: &Name) -> Option<&Listener> {
        self.listeners.iter().find(|it| it.name == *name)
    }
}

/// Where a gateway finds its client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientAddress {
    /// The socket peer.
    Peer,
    /// So many entries of `X-Forwarded-For`, from its end, were written by proxies
    /// that are trusted; at least 1.
    ForwardedFor(u8),
    /// A PROXY header, version 1 or 2, before anything else.
    ProxyProtocol,
}

/// One entry of `listeners`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// What logs call it, and `ports` of documents about the gateway.
    pub name: Name,
    /// The line where the entry begins.
    pub origin: Origin,
    /// Several listeners may share one where their hosts differ.
    pub port: u16,
    /// What clients speak; `tls` is passed through by server name.
    pub protocol: Protocol,
    /// Sorted; empty: every host.
    pub hosts: Vec<HostPattern>,
    /// Addresses of the machine that it listens on; empty: all of them. Sorted.
    pub addresses: Vec<IpAddr>,
    /// TLS that ends here.
    pub tls: Option<ListenerTls>,
    /// Whether everything is sent to the same place under `https`.
    pub redirect: bool,
}

/// TLS that ends at a listener.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerTls {
    /// What clients are shown.
    pub certificate: Certificate,
    /// The oldest version that is spoken.
    pub min_version: TlsVersion,
    /// Whether clients show a certificate; `None`: they are not asked.
    pub clients: Option<ClientCertificates>,
}

/// Certificates of a listener's clients.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientCertificates {
    /// Whether one without is refused.
    pub required: bool,
    /// PEM: who signs them; a file of the machine that the proxy runs on.
    pub ca: String,
    /// One of these names must be in the certificate; empty: any name. Sorted.
    pub subject_alt_names: Vec<String>,
}
