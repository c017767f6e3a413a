use mesh_ir::{Name, ServiceRef};

use crate::observe::Observer;
use crate::request::Request;
use crate::tables::Tables;
use crate::verdict::{Reason, Refusal, Routing};

/// Decides where a request of the role's own application goes.
///
/// `request_id` is the value of `x-request-id`: with the rule it draws the version.
pub fn route<O: Observer>(
    _tables: &Tables,
    _request: &Request<'_>,
    _request_id: &[u8],
    _observer: &mut O,
) -> Routing {
    Routing::Refuse(Refusal::plain(403, Reason::NotVisible, "not decided"))
}

/// Decides where a connection of the role's own application to a TCP port goes.
///
/// `connection_id` stands for the request id of [`route`].
pub fn route_connection<O: Observer>(
    _tables: &Tables,
    _service: &ServiceRef,
    _port: &Name,
    _connection_id: &[u8],
    _observer: &mut O,
) -> Routing {
    Routing::Refuse(Refusal::plain(403, Reason::NotVisible, "not decided"))
}
