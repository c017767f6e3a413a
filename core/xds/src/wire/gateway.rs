use std::net::IpAddr;

use mesh_ir::{
    Certificate, ClientAddress, ClientCertificates, Gateway, HostPattern, Listener, ListenerTls,
    Name, SpiffeId,
};

use super::enumeration::Enumeration;
use super::names::name;
use super::{Wire, decode_all, encode_all, narrow, optional, print_all, required, texts};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Gateway {
    type Ir = Gateway;

    fn encode(ir: &Gateway) -> Self {
        use proto::gateway::ClientAddress as Message;
        let Gateway {
            id,
            origin,
            accounts,
            client_address,
            listeners,
            attach,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            accounts: print_all(accounts),
            client_address: Some(match client_address {
                ClientAddress::Peer => Message::Peer(proto::Nothing {}),
                ClientAddress::ForwardedFor(trusted) => Message::ForwardedFor((*trusted).into()),
                ClientAddress::ProxyProtocol => Message::ProxyProtocol(proto::Nothing {}),
            }),
            listeners: encode_all(listeners),
            attach: print_all(attach),
        }
    }

    fn decode(self) -> Result<Gateway, InvalidMember> {
        use proto::gateway::ClientAddress as Message;
        let Self {
            id,
            origin,
            accounts,
            client_address,
            listeners,
            attach,
        } = self;
        let client_address =
            client_address.ok_or(InvalidMember::Missing("Gateway.client_address"))?;
        Ok(Gateway {
            id: required(id, "Gateway.id")?,
            origin: required(origin, "Gateway.origin")?,
            accounts: texts("Gateway.accounts", &accounts, SpiffeId::parse)?,
            client_address: match client_address {
                Message::Peer(proto::Nothing {}) => ClientAddress::Peer,
                Message::ForwardedFor(trusted) => {
                    ClientAddress::ForwardedFor(narrow("Gateway.forwarded_for", trusted)?)
                }
                Message::ProxyProtocol(proto::Nothing {}) => ClientAddress::ProxyProtocol,
            },
            listeners: decode_all(listeners)?,
            attach: texts("Gateway.attach", &attach, Name::parse)?,
        })
    }
}

impl Wire for proto::Listener {
    type Ir = Listener;

    fn encode(ir: &Listener) -> Self {
        let Listener {
            name,
            origin,
            port,
            protocol,
            hosts,
            addresses,
            tls,
            redirect,
        } = ir;
        Self {
            name: name.to_string(),
            origin: Some(Wire::encode(origin)),
            port: (*port).into(),
            protocol: protocol.number(),
            hosts: print_all(hosts),
            addresses: print_all(addresses),
            tls: tls.as_ref().map(Wire::encode),
            redirect: *redirect,
        }
    }

    fn decode(self) -> Result<Listener, InvalidMember> {
        let Self {
            name: text,
            origin,
            port,
            protocol,
            hosts,
            addresses,
            tls,
            redirect,
        } = self;
        Ok(Listener {
            name: name("Listener.name", &text)?,
            origin: required(origin, "Listener.origin")?,
            port: narrow("Listener.port", port)?,
            protocol: Enumeration::of("Listener.protocol", protocol)?,
            hosts: texts("Listener.hosts", &hosts, HostPattern::parse)?,
            addresses: texts("Listener.addresses", &addresses, str::parse::<IpAddr>)?,
            tls: optional(tls)?,
            redirect,
        })
    }
}

impl Wire for proto::ListenerTls {
    type Ir = ListenerTls;

    fn encode(ir: &ListenerTls) -> Self {
        let ListenerTls {
            certificate,
            min_version,
            clients,
        } = ir;
        Self {
            certificate: Some(Wire::encode(certificate)),
            min_version: min_version.number(),
            clients: clients.as_ref().map(Wire::encode),
        }
    }

    fn decode(self) -> Result<ListenerTls, InvalidMember> {
        let Self {
            certificate,
            min_version,
            clients,
        } = self;
        Ok(ListenerTls {
            certificate: required(certificate, "ListenerTls.certificate")?,
            min_version: Enumeration::of("ListenerTls.min_version", min_version)?,
            clients: optional(clients)?,
        })
    }
}

impl Wire for proto::ClientCertificates {
    type Ir = ClientCertificates;

    fn encode(ir: &ClientCertificates) -> Self {
        let ClientCertificates {
            required,
            ca,
            subject_alt_names,
        } = ir;
        Self {
            required: *required,
            ca: ca.clone(),
            subject_alt_names: subject_alt_names.clone(),
        }
    }

    fn decode(self) -> Result<ClientCertificates, InvalidMember> {
        let Self {
            required,
            ca,
            subject_alt_names,
        } = self;
        Ok(ClientCertificates {
            required,
            ca,
            subject_alt_names,
        })
    }
}

impl Wire for proto::Certificate {
    type Ir = Certificate;

    fn encode(ir: &Certificate) -> Self {
        use proto::certificate::Certificate as Message;
        Self {
            certificate: Some(match ir {
                Certificate::Secret(name) => Message::Secret(name.to_string()),
                Certificate::Files { chain, key } => Message::Files(proto::CertificateFiles {
                    chain: chain.clone(),
                    key: key.clone(),
                }),
                Certificate::Mesh => Message::Mesh(proto::Nothing {}),
            }),
        }
    }

    fn decode(self) -> Result<Certificate, InvalidMember> {
        use proto::certificate::Certificate as Message;
        let Self { certificate } = self;
        Ok(
            match certificate.ok_or(InvalidMember::Missing("Certificate.certificate"))? {
                Message::Secret(it) => Certificate::Secret(name("Certificate.secret", &it)?),
                Message::Files(proto::CertificateFiles { chain, key }) => {
                    Certificate::Files { chain, key }
                }
                Message::Mesh(proto::Nothing {}) => Certificate::Mesh,
            },
        )
    }
}
