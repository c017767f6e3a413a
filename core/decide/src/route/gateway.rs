use mesh_ir::Redirect;

use super::Connection;
use super::enter::{bad_request, step};
use super::journey::Journey;
use super::location::location;
use super::rules::{Asked, preflight};
use super::sent::Sent;
use crate::callers::Asking;
use crate::index::InboundPort;
use crate::matching::Subject;
use crate::normal::NormalForm;
use crate::observe::{Found, Observer, What};
use crate::readings::Readings;
use crate::request::{Caller, Request};
use crate::tables::{Announced, Inbound, Tables};
use crate::verdict::{Preflight, Refusal, Routing};

/// Decides where a request goes that a gateway admitted at one of its listeners: a
/// redirect of the listener, else what the gateway's routes say of host and path.
///
/// `caller` is the one that was admitted, with the answers about its tokens.
pub fn route_gateway<O: Observer>(
    tables: &Tables,
    at: InboundPort,
    caller: &Caller<'_>,
    request: &Request<'_>,
    request_id: &[u8],
    observer: &mut O,
) -> Routing {
    let form = match NormalForm::of(request) {
        Ok(form) => form,
        Err(why) => return Routing::Refuse(*bad_request(why, observer)),
    };
    observer.step(step(What::NormalForm, Found::Fine));
    let inbound = tables.inbound_port(at);
    let listener = inbound.listener.as_deref();
    if let Some(listener) = listener.filter(|it| it.redirect) {
        let redirect = Redirect {
            status: 301,
            scheme: Some("https".to_owned()),
            host: None,
            port: None,
            path: None,
        };
        let (path, query) = (form.target.path, form.target.query);
        return Routing::Redirect {
            rule: listener.rule,
            status: redirect.status,
            location: location(&redirect, path, query, ("https", &form.authority)),
        };
    }
    let is_tls = listener.is_some_and(|it| it.tls);
    let sent = Sent::Request {
        request,
        form: &form,
        scheme: if is_tls { "https" } else { "http" },
    };
    Journey::new(tables, inbound.service, inbound.port, request_id)
        .of_client(caller)
        .travel(sent, observer)
}

/// Decides where a connection goes that a gateway admitted at a listener of bytes.
pub fn route_gateway_connection<O: Observer>(
    tables: &Tables,
    at: InboundPort,
    caller: &Caller<'_>,
    connection: &Connection<'_>,
    observer: &mut O,
) -> Routing {
    let inbound = tables.inbound_port(at);
    if inbound.protocol.is_http() {
        return Routing::Refuse(Refusal::bad_request("the listener takes requests"));
    }
    let sent = Sent::Connection {
        server_name: connection.server_name,
    };
    Journey::new(tables, inbound.service, inbound.port, connection.id)
        .of_client(caller)
        .travel(sent, observer)
}

/// The answer of a gateway to a preflight, from the rule of its own routes that the
/// announced request would take.
pub(crate) fn preflight_at(
    tables: &Tables,
    inbound: &Inbound,
    caller: &Caller<'_>,
    request: &Request<'_>,
    form: &NormalForm<'_>,
) -> Option<Preflight> {
    let view = tables.outbound.view(inbound.service)?;
    let port = &view.ports[inbound.port.position()];
    if !port.has_cors {
        return None;
    }
    let announced = Announced::by(request.method, request.headers)?;
    let readings = Readings::plain(&form.target);
    let asked = Asked {
        subject: Subject {
            method: request.method,
            readings: readings.as_slice(),
            query: form.target.query,
            headers: request.headers,
        },
        host: Some(form.authority.host()),
        asking: Asking::of(caller, &tables.settings().trust_domain),
    };
    preflight(port, &announced, &asked)
}
