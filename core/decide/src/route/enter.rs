use mesh_ir::EncodedSlash;

use crate::index::{PortIndex, ServiceIndex};
use crate::normal::NormalForm;
use crate::observe::{Found, Observer, Step, What};
use crate::request::Request;
use crate::rule::RuleIndex;
use crate::tables::{Tables, http_port};
use crate::verdict::{Reason, Refusal};

/// The normal form of a request, and the service and port that its host names.
pub(super) fn enter<'a, O: Observer>(
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

pub(super) fn bad_request<O: Observer>(why: &'static str, observer: &mut O) -> Box<Refusal> {
    observer.step(step(What::NormalForm, Found::Wrong(why)));
    Box::new(Refusal::bad_request(why))
}

pub(super) const HOST_NOT_VISIBLE: &str = "the host is not in the view of this workload";
/// A rule sends on what its caller may not.
pub(super) const BACKEND_NOT_VISIBLE: &str =
    "the rule's backend is not in the view of this workload";

pub(super) fn not_visible<O: Observer>(
    default: RuleIndex,
    why: &'static str,
    observer: &mut O,
) -> Refusal {
    observer.step(Step {
        rule: Some(default),
        ..step(What::View, Found::Wrong("not in the view of this workload"))
    });
    Refusal::plain(403, Reason::NotVisible, why).by(default)
}

pub(super) fn no_port<O: Observer>(
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

pub(super) fn step(what: What, found: Found) -> Step {
    Step {
        what,
        found,
        rule: None,
    }
}
