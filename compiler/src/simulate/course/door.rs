use mesh_decide::{InboundPort, Tables, canonical_host, find_listener};
use mesh_ir::ObjectRef;

use crate::simulate::Simulator;
use crate::simulate::question::{Head, Question, Scheme, Unanswerable};

/// The listener of a gateway that takes a request or connection.
pub(super) struct Door<'s> {
    pub(super) gateway: &'s ObjectRef,
    pub(super) tables: &'s Tables,
    pub(super) listener: InboundPort,
}

/// Where a request enters if its caller is a client outside, or a gateway that stands for
/// its clients. `None`: at no gateway.
pub(super) fn of_request<'s>(
    simulator: &'s Simulator<'_>,
    question: &Question,
    head: &Head,
) -> Result<Option<Door<'s>>, Unanswerable> {
    let authority = head.first("host").unwrap_or_default();
    let Ok((host, port)) = canonical_host(authority) else {
        return Ok(None);
    };
    let port = port.unwrap_or(match question.scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    });
    find(simulator, question, port, Some(host.as_bytes()))
}

/// Among several gateways one that names the host comes before one for every host, then
/// the first by its name: which one a client reaches is not for the mesh to say.
pub(super) fn find<'s>(
    simulator: &'s Simulator<'_>,
    question: &Question,
    port: u16,
    host: Option<&[u8]>,
) -> Result<Option<Door<'s>>, Unanswerable> {
    let mesh = simulator.mesh();
    if mesh.gateways.is_empty() || question.from.is_workload(simulator) {
        return Ok(None);
    }
    let own = question
        .from
        .role
        .map(|role| &simulator.role(role).gateways);
    let mut found: Option<(bool, Door<'_>)> = None;
    for (id, gateway) in &mesh.gateways {
        let mut roles = mesh.roles.iter();
        if own.is_some_and(|own| !own.contains(id)) || gateway.listeners.is_empty() {
            continue;
        }
        let Some(role) = roles.position(|role| role.gateways.contains(id)) else {
            continue;
        };
        let tables = simulator.tables(role)?;
        let Some(listener) = find_listener(tables, port, host) else {
            continue;
        };
        let name = &tables.inbound_target(listener);
        let name = &tables.port(name.0, name.1).name;
        let names_it = gateway
            .listener(name)
            .is_some_and(|it| !it.hosts.is_empty());
        if found.as_ref().is_none_or(|(named, _)| names_it && !named) {
            let door = Door {
                gateway: id,
                tables,
                listener,
            };
            found = Some((names_it, door));
        }
    }
    Ok(found.map(|(_, door)| door))
}
