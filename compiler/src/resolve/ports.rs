use mesh_ir::{Name, Protocol};

use crate::syntax::ast::{AuthorizerProtocol, Health, Port, Probe, Service, Spanned};

/// The ports of a service that a document is about: those it names, else all.
pub(crate) fn ports_in_force<'s>(
    service: &'s Service,
    written: &'s [Spanned<Name>],
) -> impl Iterator<Item = &'s Port> {
    named_or_all(&service.ports, written)
}

/// The ports that a list names, else all.
pub(crate) fn named_or_all<'s>(
    ports: &'s [Port],
    written: &'s [Spanned<Name>],
) -> impl Iterator<Item = &'s Port> {
    ports.iter().filter(move |port| {
        written.is_empty() || written.iter().any(|name| name.value == port.name.value)
    })
}

/// The HTTP port that a host without a number means: 80, else the only one.
pub(crate) fn http_port(ports: &[Port]) -> Option<&Port> {
    let http = || ports.iter().filter(|port| port.protocol.value.is_http());
    let usual = http().find(|port| port.number.value == 80);
    usual.or_else(|| only(http()))
}

/// The port that connections of a port of this name go to: the one of the same
/// name, else the only one that is not HTTP.
pub(crate) fn stream_port<'s>(ports: &'s [Port], name: &Name) -> Option<&'s Port> {
    let streams = || ports.iter().filter(|port| !port.protocol.value.is_http());
    let same = streams().find(|port| port.name.value == *name);
    same.or_else(|| only(streams()))
}

/// The port that is named, else the only one that fits.
fn port_for<'s>(
    ports: &'s [Port],
    named: Option<&Spanned<Name>>,
    fits: impl Fn(Protocol) -> bool,
) -> Option<&'s Port> {
    match named {
        Some(name) => ports.iter().find(|port| port.name.value == name.value),
        None => only(ports.iter().filter(|port| fits(port.protocol.value))),
    }
}

/// The port that a health check asks.
pub(crate) fn health_port<'s>(service: &'s Service, health: &Health) -> Option<&'s Port> {
    let fits = |protocol: Protocol| match health.probe {
        Probe::Http(_) => matches!(protocol, Protocol::Http | Protocol::Http2),
        Probe::Grpc(_) => protocol == Protocol::Grpc,
        Probe::Tcp(_) => true,
    };
    port_for(&service.ports, health.port.as_ref(), fits)
}

/// The port on which an authorizer is asked.
pub(crate) fn authorizer_port<'s>(
    service: &'s Service,
    named: Option<&Spanned<Name>>,
    protocol: Option<AuthorizerProtocol>,
) -> Option<&'s Port> {
    let fits = |port: Protocol| match protocol {
        None | Some(AuthorizerProtocol::Grpc) => port == Protocol::Grpc,
        Some(AuthorizerProtocol::Http) => matches!(port, Protocol::Http | Protocol::Http2),
    };
    port_for(&service.ports, named, fits)
}

/// The port on which what speaks gRPC is asked.
pub(crate) fn grpc_port<'s>(
    service: &'s Service,
    named: Option<&Spanned<Name>>,
) -> Option<&'s Port> {
    port_for(&service.ports, named, |port| port == Protocol::Grpc)
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next();
    first.filter(|_| all.next().is_none())
}
