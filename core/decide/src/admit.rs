use mesh_ir::{EncodedSlash, Protocol};
use smallvec::SmallVec;

use crate::access::{Documents, Scene, Verdict, audited, judge, tried};
use crate::index::InboundPort;
use crate::limits::limit;
use crate::matching::Subject;
use crate::normal::{NormalForm, check_single, override_methods};
use crate::observe::{Found, Observer, Step, What};
use crate::readings::Readings;
use crate::request::{Caller, Moment, Request};
use crate::state::State;
use crate::tables::{Inbound, Tables};
use crate::verdict::{Admission, Admitted, Noted, Reason, Refusal, ShadowOutcome, ShadowVerdict};

/// Decides whether a request may enter a served port: normal form, access,
/// limits, in this order. A refused request is charged nowhere.
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
    let path = form.target.path;
    with_scenes(&form, &methods, caller, request, moment, |scenes| {
        decide(tables, state, inbound, (scenes, path), moment, observer)
    })
}

/// Whether a request that was admitted before may go on; charges nothing. The
/// request is the one that was asked about then, not the one that was sent on.
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
    with_scenes(&form, &methods, caller, request, moment, |scenes| {
        let (verdict, _) = all_readings(tables, inbound, scenes, Documents::Enforced, &mut ());
        matches!(verdict, Verdict::Allow(_))
    })
}

/// Decides whether a connection may enter a served TCP port, and charges its limits.
pub fn admit_connection<O: Observer>(
    tables: &Tables,
    state: &State,
    at: InboundPort,
    caller: &Caller<'_>,
    moment: Moment,
    observer: &mut O,
) -> Admission {
    let inbound = tables.inbound_port(at);
    if inbound.protocol.is_http() {
        return Admission::Refuse(Refusal::bad_request("the port takes requests"));
    }
    let scene = connection(caller, moment);
    decide(tables, state, inbound, (&[scene], b""), moment, observer)
}

/// Whether an open connection to a served TCP port may go on; charges nothing.
pub fn permits_connection(
    tables: &Tables,
    at: InboundPort,
    caller: &Caller<'_>,
    moment: Moment,
) -> bool {
    let inbound = tables.inbound_port(at);
    let scene = connection(caller, moment);
    let verdict = judge(
        tables,
        &inbound.access,
        &scene,
        Documents::Enforced,
        &mut (),
    );
    !inbound.protocol.is_http() && matches!(verdict, Verdict::Allow(_))
}

type Methods = SmallVec<[crate::normal::Method; 2]>;

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
    };
    let mut scenes: SmallVec<[Scene<'_>; 2]> = SmallVec::new();
    scenes.push(scene(request.method));
    scenes.extend(methods.iter().map(|method| scene(method)));
    judge(&scenes)
}

/// Access and limits. The first scene is the request itself, the others are the
/// same request as an application may read it; every one must be allowed.
fn decide<O: Observer>(
    tables: &Tables,
    state: &State,
    inbound: &Inbound,
    (scenes, path): (&[Scene<'_>], &[u8]),
    moment: Moment,
    observer: &mut O,
) -> Admission {
    let access = &inbound.access;
    let (verdict, scene) = all_readings(tables, inbound, scenes, Documents::Enforced, observer);
    let mut noted = Noted::default();
    for scene in scenes {
        for rule in audited(tables, access, scene, observer) {
            if !noted.audited.contains(&rule) {
                noted.audited.push(rule);
            }
        }
    }
    noted.shadow = shadow(tables, inbound, scenes, observer);
    let refused = |rule, detail| Refusal {
        noted: noted.clone(),
        ..Refusal::plain(403, Reason::Access, detail).by(rule)
    };
    let allowed_by = match verdict {
        Verdict::Allow(rule) => rule,
        Verdict::Deny(rule) => {
            return Admission::Refuse(refused(rule, "a deny entry refuses it"));
        }
        Verdict::NotAllowed(rule) => {
            let mut refusal = refused(rule, "no allow entry lets it in");
            refusal.tried = tried(tables, access, scene);
            return Admission::Refuse(refusal);
        }
    };
    let limited = limit(
        tables,
        state,
        &inbound.limits,
        (&scenes[0], path),
        moment,
        observer,
    );
    match limited {
        Ok(charged) => {
            noted.shadow_limited = charged.shadow_limited;
            Admission::Admit(Admitted {
                allowed_by,
                noted,
                limit: charged.tightest,
            })
        }
        Err(mut refusal) => {
            noted.shadow_limited = std::mem::take(&mut refusal.noted.shadow_limited);
            refusal.noted = noted;
            Admission::Refuse(*refusal)
        }
    }
}

/// The first verdict that refuses, else that of the request itself; and the scene it is about.
fn all_readings<'s, 'a, O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    scenes: &'s [Scene<'a>],
    documents: Documents,
    observer: &mut O,
) -> (Verdict, &'s Scene<'a>) {
    let mut own = None;
    for scene in scenes {
        let verdict = judge(tables, &inbound.access, scene, documents, observer);
        if !matches!(verdict, Verdict::Allow(_)) {
            return (verdict, scene);
        }
        own = own.or(Some((verdict, scene)));
    }
    own.unwrap_or((Verdict::NotAllowed(inbound.access.default_rule), &scenes[0]))
}

fn shadow<O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    scenes: &[Scene<'_>],
    observer: &mut O,
) -> Option<ShadowVerdict> {
    if !inbound.access.has_shadow {
        return None;
    }
    let (verdict, _) = all_readings(tables, inbound, scenes, Documents::All, &mut ());
    let (outcome, found, rule) = match verdict {
        Verdict::Allow(rule) => (ShadowOutcome::Allow, Found::Allows, rule),
        Verdict::Deny(rule) | Verdict::NotAllowed(rule) => {
            (ShadowOutcome::Deny, Found::Refuses, rule)
        }
    };
    observer.step(Step {
        what: What::Shadow,
        found,
        rule: Some(rule),
    });
    Some(ShadowVerdict { outcome, rule })
}

fn connection<'a>(caller: &'a Caller<'a>, moment: Moment) -> Scene<'a> {
    Scene {
        caller,
        subject: Subject::CONNECTION,
        host: None,
        wall: moment.wall,
    }
}

#[cfg(test)]
mod tests;
