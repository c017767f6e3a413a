mod enter;
mod extras;
mod gateway;
mod journey;
mod leg;
mod location;
mod rules;
mod sent;

use mesh_ir::{Name, ServiceRef};

use crate::index::{PortIndex, ServiceIndex};
use crate::normal::NormalForm;
use crate::observe::Observer;
use crate::request::Request;
use crate::tables::Tables;
use crate::verdict::{Plan, Routing};
use enter::{HOST_NOT_VISIBLE, enter, no_port, not_visible};
pub(crate) use gateway::preflight_at;
pub use gateway::{route_gateway, route_gateway_connection};
use journey::Journey;
use sent::Sent;

/// Decides where a request of the role's own application goes.
///
/// `request_id` is the value of `x-request-id`: with the rule it draws the version.
pub fn route<O: Observer>(
    tables: &Tables,
    request: &Request<'_>,
    request_id: &[u8],
    observer: &mut O,
) -> Routing {
    match enter(tables, request, observer) {
        Ok((form, service, port)) => {
            let sent = Sent::Request {
                request,
                form: &form,
                scheme: "http",
            };
            Journey::new(tables, service, port, request_id).travel(sent, observer)
        }
        Err(refusal) => Routing::Refuse(*refusal),
    }
}

/// A connection of the role's own application.
#[derive(Debug, Clone, Copy)]
pub struct Connection<'a> {
    /// Stands for the request id of [`route`].
    pub id: &'a [u8],
    /// What TLS asks for on a `tls` port, in lower case.
    pub server_name: Option<&'a str>,
}

/// Decides where a connection of the role's own application to a port of bytes goes.
pub fn route_connection<O: Observer>(
    tables: &Tables,
    service: &ServiceRef,
    port: &Name,
    connection: &Connection<'_>,
    observer: &mut O,
) -> Routing {
    let is_called = |index: &ServiceIndex| tables.outbound.view(*index).is_some();
    let found = tables.find_service(service).filter(is_called);
    let found = found.or_else(|| tables.find_external(service).filter(is_called));
    let Some(index) = found else {
        let default = tables.outbound.default_for(service.namespace.as_str());
        return Routing::Refuse(not_visible(default, HOST_NOT_VISIBLE, observer));
    };
    let ports = &tables.service(index).ports;
    let at = ports
        .iter()
        .position(|it| it.name == *port && !it.protocol.is_http());
    let Some(at) = at else {
        let why = "the service has no port for connections of this name";
        return Routing::Refuse(no_port(tables, index, why, observer));
    };
    let sent = Sent::Connection {
        server_name: connection.server_name,
    };
    Journey::new(tables, index, PortIndex::at(at), connection.id).travel(sent, observer)
}

/// Where a request goes when nothing of what was planned can take it: the next entry
/// of the innermost `fallback`. `None`: there is none left.
///
/// Copies and faults of the rules up to that one stay in the plan, to be done once: by
/// whoever goes on from a plan before it did any of them.
///
/// `request` and `request_id` are those that the plan was made for.
pub fn fall_back<O: Observer>(
    tables: &Tables,
    plan: &Plan,
    request: &Request<'_>,
    request_id: &[u8],
    observer: &mut O,
) -> Option<Routing> {
    // Whatever was planned has a normal form.
    let form = NormalForm::of(request).ok()?;
    let sent = Sent::Request {
        request,
        form: &form,
        scheme: plan.fallback.last()?.scheme,
    };
    Journey::resume(tables, plan, request_id)?.fall_back(sent, observer)
}

/// [`fall_back`] of a connection.
pub fn fall_back_connection<O: Observer>(
    tables: &Tables,
    plan: &Plan,
    connection: &Connection<'_>,
    observer: &mut O,
) -> Option<Routing> {
    let sent = Sent::Connection {
        server_name: connection.server_name,
    };
    Journey::resume(tables, plan, connection.id)?.fall_back(sent, observer)
}

#[cfg(test)]
mod tests;
