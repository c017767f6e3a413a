use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{
    Certificate, ClientAddress, ClientCertificates, Gateway, Listener, ListenerTls, ObjectRef,
    Protocol, TlsVersion,
};

use super::context::Context;
use super::lists::sorted;
use crate::resolve::{gateway_accounts, listener_name};
use crate::syntax::ast::{self, Object};

/// A `Gateway` beside its document.
#[derive(Debug)]
pub(crate) struct LoweredGateway {
    /// The document.
    pub(crate) object: Arc<Object<ast::Gateway>>,
    /// What it means.
    pub(crate) ir: Arc<Gateway>,
}

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ObjectRef, LoweredGateway> {
    let objects = context.part.gateways.iter();
    objects
        .map(|(id, object)| {
            let lowered = LoweredGateway {
                object: Arc::clone(object),
                ir: Arc::new(gateway(context, id, object)),
            };
            (id.clone(), lowered)
        })
        .collect()
}

fn gateway(context: &Context<'_>, id: &ObjectRef, object: &Object<ast::Gateway>) -> Gateway {
    let ast::Gateway {
        accounts: _,
        client_address,
        listeners,
        attach,
    } = &object.spec;
    let mut listeners: Vec<Listener> = listeners.iter().map(|it| listener(context, it)).collect();
    listeners.sort_by(|a, b| a.name.cmp(&b.name));
    Gateway {
        id: id.clone(),
        origin: context.sources.origin(object.span),
        accounts: context.identities(&id.namespace, gateway_accounts(object)),
        client_address: match client_address {
            None => ClientAddress::Peer,
            Some(ast::ClientAddress::ForwardedFor(hops)) => ClientAddress::ForwardedFor(hops.value),
            Some(ast::ClientAddress::ProxyProtocol(_)) => ClientAddress::ProxyProtocol,
        },
        listeners,
        attach: if attach.is_empty() {
            vec![id.namespace.clone()]
        } else {
            sorted(attach)
        },
    }
}

fn listener(context: &Context<'_>, written: &ast::Listener) -> Listener {
    let ast::Listener {
        name: _,
        port,
        protocol,
        hosts,
        addresses,
        tls,
        redirect,
        span,
    } = written;
    Listener {
        name: listener_name(written),
        origin: context.sources.origin(*span),
        port: port.value,
        protocol: protocol.map_or(Protocol::Http, |it| it.value),
        hosts: sorted(hosts),
        addresses: sorted(addresses),
        tls: tls.as_ref().map(listener_tls),
        redirect: redirect.is_some(),
    }
}

fn listener_tls(written: &ast::ListenerTls) -> ListenerTls {
    let ast::ListenerTls {
        certificate: shown,
        min_version,
        clients,
        span: _,
    } = written;
    ListenerTls {
        certificate: certificate(shown),
        min_version: tls_version(min_version.map(|it| it.value)),
        clients: clients.as_ref().map(|it| ClientCertificates {
            required: it.mode.value == ast::ClientsMode::Required,
            ca: it.ca.value.clone(),
            subject_alt_names: sorted(&it.subject_alt_names),
        }),
    }
}

/// What is shown to the other side.
pub(super) fn certificate(written: &ast::Certificate) -> Certificate {
    match written {
        ast::Certificate::Secret(name) => Certificate::Secret(name.value.clone()),
        ast::Certificate::Files { chain, key } => Certificate::Files {
            chain: chain.value.clone(),
            key: key.value.clone(),
        },
        ast::Certificate::Mesh(_) => Certificate::Mesh,
    }
}

/// The oldest version that is spoken.
pub(super) fn tls_version(written: Option<ast::TlsVersion>) -> TlsVersion {
    match written {
        None | Some(ast::TlsVersion::Tls12) => TlsVersion::Tls12,
        Some(ast::TlsVersion::Tls13) => TlsVersion::Tls13,
    }
}
