use mesh_ir::Name;

use crate::syntax::ast::{Port, Service, Spanned};

/// The ports of a service that a document is about: those it names, else all.
pub(crate) fn ports_in_force<'s>(
    service: &'s Service,
    written: &'s [Spanned<Name>],
) -> impl Iterator<Item = &'s Port> {
    service.ports.iter().filter(move |port| {
        written.is_empty() || written.iter().any(|name| name.value == port.name.value)
    })
}

/// The HTTP port that a host without a number means: 80, else the only one.
pub(crate) fn http_port_without_number(service: &Service) -> Option<&Port> {
    let http = || {
        service
            .ports
            .iter()
            .filter(|port| port.protocol.value.is_http())
    };
    http().find(|port| port.number.value == 80).or_else(|| {
        let mut all = http();
        all.next().filter(|_| all.next().is_none())
    })
}

/// The port that connections of a port of this name go to: the one of the same
/// name, else the only one that is not HTTP.
pub(crate) fn stream_port<'s>(service: &'s Service, name: &Name) -> Option<&'s Port> {
    let streams = || {
        service
            .ports
            .iter()
            .filter(|port| !port.protocol.value.is_http())
    };
    streams().find(|port| port.name.value == *name).or_else(|| {
        let mut all = streams();
        all.next().filter(|_| all.next().is_none())
    })
}
