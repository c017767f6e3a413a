mod leg;
mod location;
mod rules;

use mesh_ir::{EncodedSlash, Name, ServiceRef};

use crate::index::{PortIndex, ServiceIndex};
use crate::normal::NormalForm;
use crate::observe::{Found, Observer, Step, What};
use crate::request::Request;
use crate::tables::{Tables, http_port};
use crate::verdict::{Reason, Refusal, Routing};
use leg::{Journey, Sent};

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
            };
            Journey::new(tables, service, port, request_id).travel(sent, observer)
        }
        Err(refusal) => Routing::Refuse(*refusal),
    }
}

/// Decides where a connection of the role's own application to a TCP port goes.
///
/// `connection_id` stands for the request id of [`route`].
pub fn route_connection<O: Observer>(
    tables: &Tables,
    service: &ServiceRef,
    port: &Name,
    connection_id: &[u8],
    observer: &mut O,
) -> Routing {
    let found = tables
        .find_service(service)
        .filter(|index| tables.outbound.view(*index).is_some());
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
    Journey::new(tables, index, PortIndex::at(at), connection_id).travel(Sent::Connection, observer)
}

/// The normal form of a request, and the service and port that its host names.
fn enter<'a, O: Observer>(
    tables: &Tables,
    request: &Request<'a>,
    observer: &mut O,
) -> Result<(NormalForm<'a>, ServiceIndex, PortIndex), Box<Refusal>> {
    let form = NormalForm::of(request).map_err(|why| bad_request(why, observer))?;
    observer.step(step(What::NormalForm, Found::Fine));
    let host = form.authority.host();
    let Some(service) = tables.outbound.find(host) else {
        let default = tables.outbound.default_for_host(host);
        return Err(Box::new(not_visible(default, HOST_NOT_VISIBLE, observer)));
    };
    observer.step(step(What::View, Found::Fine));
    let called = tables.service(service);
    if form.target.ambiguity.encoded_slash && called.encoded_slash == EncodedSlash::Refuse {
        return Err(bad_request("the path holds an encoded slash", observer));
    }
    let Some(port) = http_port(called, form.authority.port) else {
        let why = match form.authority.port {
            Some(_) => "the service has no HTTP port of the number after the host",
            None => "the host has no port number, and the service several HTTP ports or none",
        };
        return Err(Box::new(no_port(tables, service, why, observer)));
    };
    observer.step(step(What::Port, Found::Fine));
    Ok((form, service, port))
}

fn bad_request<O: Observer>(why: &'static str, observer: &mut O) -> Box<Refusal> {
    observer.step(step(What::NormalForm, Found::Wrong(why)));
    Box::new(Refusal::bad_request(why))
}

const HOST_NOT_VISIBLE: &str = "the host is not in the view of this workload";
/// A rule sends on what its caller may not.
const BACKEND_NOT_VISIBLE: &str = "the rule's backend is not in the view of this workload";

fn not_visible<O: Observer>(
    default: crate::rule::RuleIndex,
    why: &'static str,
    observer: &mut O,
) -> Refusal {
    observer.step(Step {
        rule: Some(default),
        ..step(What::View, Found::Wrong("not in the view of this workload"))
    });
    Refusal::plain(403, Reason::NotVisible, why).by(default)
}

fn no_port<O: Observer>(
    tables: &Tables,
    service: ServiceIndex,
    why: &'static str,
    observer: &mut O,
) -> Refusal {
    let rule = tables.outbound.view(service).map(|view| view.rule);
    observer.step(Step {
        rule,
        ..step(What::Port, Found::Wrong(why))
    });
    Refusal {
        rule,
        ..Refusal::plain(404, Reason::NoPort, why)
    }
}

fn step(what: What, found: Found) -> Step {
    Step {
        what,
        found,
        rule: None,
    }
}

#[cfg(test)]
mod tests;
