mod ask;
mod client;
mod judge;
mod listener;

use mesh_ir::{EncodedSlash, Protocol};
use smallvec::SmallVec;

use crate::access::{Documents, Scene, Verdict};
use crate::index::InboundPort;
use crate::matching::Subject;
use crate::normal::{NormalForm, check_single, override_methods};
use crate::observe::{Found, Observer, Step, What};
use crate::readings::Readings;
use crate::request::{Caller, Moment, Request};
use crate::route::preflight_at;
use crate::state::State;
use crate::tables::{Inbound, Tables};
use crate::verdict::{Admission, Reason, Refusal};
use ask::authenticate;
pub use client::client_address;
use judge::{Judged, all_readings, decide};
use listener::check_host;
pub use listener::find_listener;

/// Decides whether a request may enter a served port, a listener of a gateway, or (in
/// the name of this role) an external service: normal form, token, access, authorizer,
/// limits, in this order. A refused request is charged nowhere.
///
/// Where it answers [`Admission::Ask`] it is called again with the answers in `caller`.
pub fn admit<O: Observer>(
    tables: &Tables,
    state: &State,
    at: InboundPort,
    caller: &Caller<'_>,
    request: &Request<'_>,
    moment: Moment,
    observer: &mut O,
) -> Admission {
    let inbound = tables.inbound_port(at);
    let checked = check_form(inbound, request);
    observer.step(Step {
        what: What::NormalForm,
        found: checked
            .as_ref()
            .map_or_else(|why| Found::Wrong(why), |_| Found::Fine),
        rule: None,
    });
    let (form, methods) = match checked {
        Ok(checked) => checked,
        Err(why) => return Admission::Refuse(Refusal::bad_request(why)),
    };
    if let Some(refusal) = unproven(inbound, caller, observer) {
        return Admission::Refuse(refusal);
    }
    if let Some(listener) = inbound.listener.as_deref() {
        if let Err(refusal) = check_host(tables, at, listener, form.authority.host(), observer) {
            return Admission::Refuse(*refusal);
        }
        if let Some(preflight) = preflight_at(tables, inbound, caller, request, &form) {
            return Admission::Preflight(preflight);
        }
    }
    let tokens = match authenticate(tables, inbound, caller, request, &form, observer) {
        Ok(edits) => edits,
        Err(stop) => return *stop,
    };
    let path = form.target.path;
    let mut admission = with_scenes(&form, &methods, caller, request, moment, |scenes| {
        let judged = Judged { scenes, path };
        decide(tables, state, inbound, &judged, moment, observer)
    });
    if let Admission::Admit(admitted) = &mut admission {
        admitted.tokens = tokens;
    }
    admission
}

/// Whether a request that was admitted before may go on; charges and asks nothing: the
/// answers that it was admitted with are in `caller`, under the indices of these tables.
/// The request is the one that was asked about then, not the one that was sent on.
pub fn permits_request(
    tables: &Tables,
    at: InboundPort,
    caller: &Caller<'_>,
    request: &Request<'_>,
    moment: Moment,
) -> bool {
    let inbound = tables.inbound_port(at);
    let Ok((form, methods)) = check_form(inbound, request) else {
        return false;
    };
    if unproven(inbound, caller, &mut ()).is_some() {
        return false;
    }
    with_scenes(&form, &methods, caller, request, moment, |scenes| {
        let (verdict, _) = all_readings(tables, inbound, scenes, Documents::Enforced, &mut ());
        matches!(verdict, Verdict::Allow(_))
    })
}

/// Decides whether a connection may enter a served port of bytes, and charges its limits.
///
/// `server_name` is what TLS asks for on a `tls` port, in lower case.
pub fn admit_connection<O: Observer>(
    tables: &Tables,
    state: &State,
    at: InboundPort,
    (caller, server_name): (&Caller<'_>, Option<&str>),
    moment: Moment,
    observer: &mut O,
) -> Admission {
    let inbound = tables.inbound_port(at);
    if inbound.protocol.is_http() {
        return Admission::Refuse(Refusal::bad_request("the port takes requests"));
    }
    if let Some(refusal) = unproven(inbound, caller, observer) {
        return Admission::Refuse(refusal);
    }
    let scene = connection(caller, server_name, moment);
    let judged = Judged {
        scenes: &[scene],
        path: b"",
    };
    decide(tables, state, inbound, &judged, moment, observer)
}

/// Whether an open connection to a served port of bytes may go on; charges nothing.
pub fn permits_connection(
    tables: &Tables,
    at: InboundPort,
    (caller, server_name): (&Caller<'_>, Option<&str>),
    moment: Moment,
) -> bool {
    let inbound = tables.inbound_port(at);
    let scene = [connection(caller, server_name, moment)];
    let (verdict, _) = all_readings(tables, inbound, &scene, Documents::Enforced, &mut ());
    !inbound.protocol.is_http()
        && unproven(inbound, caller, &mut ()).is_none()
        && matches!(verdict, Verdict::Allow(_))
}

type Methods = SmallVec<[crate::normal::Method; 2]>;

/// Refuses a caller without an identity where mutual TLS is strict.
fn unproven<O: Observer>(
    inbound: &Inbound,
    caller: &Caller<'_>,
    observer: &mut O,
) -> Option<Refusal> {
    let rule = inbound
        .needs_identity
        .filter(|_| caller.identity.is_none())?;
    let why = "the port takes mutual TLS only";
    observer.step(Step {
        what: What::Mtls,
        found: Found::Wrong(why),
        rule: Some(rule),
    });
    Some(Refusal::plain(403, Reason::Mtls, why).by(rule))
}

fn check_form<'a>(
    inbound: &Inbound,
    request: &Request<'a>,
) -> Result<(NormalForm<'a>, Methods), &'static str> {
    if !inbound.protocol.is_http() {
        return Err("the port takes no requests");
    }
    // Some gRPC servers look at the path alone, so that a `deny` or limit of a call,
    // which is a POST, would not cover the same call by another method.
    if inbound.protocol == Protocol::Grpc && request.method != b"POST" {
        return Err("a gRPC call is a POST");
    }
    let form = NormalForm::of(request)?;
    if form.target.ambiguity.encoded_slash && inbound.encoded_slash == EncodedSlash::Refuse {
        return Err("the path holds an encoded slash");
    }
    check_single(request.headers, &inbound.single_headers)?;
    let methods = override_methods(request.headers)?;
    Ok((form, methods))
}

/// The request, and the same request with each method that an application may
/// take for its own.
fn with_scenes<T>(
    form: &NormalForm<'_>,
    methods: &Methods,
    caller: &Caller<'_>,
    request: &Request<'_>,
    moment: Moment,
    judge: impl FnOnce(&[Scene<'_>]) -> T,
) -> T {
    let readings = Readings::all(&form.target);
    let scene = |method| Scene {
        caller,
        subject: Subject {
            method,
            readings: readings.as_slice(),
            query: form.target.query,
            headers: request.headers,
        },
        host: Some(form.authority.host()),
        wall: moment.wall,
        wanting: false,
    };
    let mut scenes: SmallVec<[Scene<'_>; 2]> = SmallVec::new();
    scenes.push(scene(request.method));
    scenes.extend(methods.iter().map(|method| scene(method)));
    judge(&scenes)
}

fn connection<'a>(
    caller: &'a Caller<'a>,
    server_name: Option<&'a str>,
    moment: Moment,
) -> Scene<'a> {
    Scene {
        caller,
        subject: Subject::CONNECTION,
        host: server_name,
        wall: moment.wall,
        wanting: false,
    }
}

#[cfg(test)]
mod tests;
