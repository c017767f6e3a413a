use std::collections::BTreeSet;

use mesh_ir::{EncodedSlash, Port, Protocol, Service};

use super::access::{AccessTable, PortAccess};
use super::builder::Builder;
use super::limits::LimitTable;
use crate::index::{InboundPort, LimitIndex, PortIndex, ServiceIndex};

/// What one served port enforces.
#[derive(Debug)]
pub(crate) struct Inbound {
    pub(crate) service: ServiceIndex,
    pub(crate) port: PortIndex,
    pub(crate) protocol: Protocol,
    pub(crate) encoded_slash: EncodedSlash,
    pub(crate) access: PortAccess,
    pub(crate) limits: Vec<LimitIndex>,
    /// Headers that a rule reads, so they may come once only; cookies apart.
    pub(crate) single_headers: Vec<Box<str>>,
}

/// Every port of every served service; [`InboundPort`] is a position in it.
pub(super) fn build(
    builder: &mut Builder<'_>,
    access: &AccessTable,
    limits: &[LimitTable],
) -> Vec<Inbound> {
    let mut inbound: Vec<Inbound> = vec![];
    for id in &builder.snapshot.role.serves {
        let Some(index) = builder.find_service(id) else {
            continue;
        };
        let service = builder.services()[index.position()].clone();
        for (at, port) in service.ports.iter().enumerate() {
            debug_assert_eq!(InboundPort::at(inbound.len()).position(), inbound.len());
            let target = (index, PortIndex::at(at));
            inbound.push(enforced(builder, access, limits, target, (&service, port)));
        }
    }
    inbound
}

fn enforced(
    builder: &mut Builder<'_>,
    table: &AccessTable,
    limits: &[LimitTable],
    (service_index, port_index): (ServiceIndex, PortIndex),
    (service, port): (&Service, &Port),
) -> Inbound {
    let access = table.port(builder, service, port);
    let mut names = BTreeSet::new();
    let mut add = |name: &str| {
        names.insert(Box::<str>::from(name));
    };
    for at in [&access.allow, &access.deny, &access.audit]
        .into_iter()
        .flatten()
    {
        table.entries[*at].requests.header_names(&mut add);
    }
    let mut applied = vec![];
    for (at, limit) in limits.iter().enumerate() {
        if limit.is_about(builder, service, port) {
            limit.header_names(&mut add);
            applied.push(LimitIndex::at(at));
        }
    }
    names.remove("cookie");
    Inbound {
        service: service_index,
        port: port_index,
        protocol: port.protocol,
        encoded_slash: service.encoded_slash,
        access,
        limits: applied,
        single_headers: names.into_iter().collect(),
    }
}
