use std::time::Duration;

use super::enter::{BACKEND_NOT_VISIBLE, not_visible};
use super::journey::{Arrival, Journey};
use super::location::location;
use super::rules::{
    Asked, captured, choose, expanded, find, no_listener_route, no_route, preflight, shorter,
};
use super::sent::{Place, Sent};
use crate::callers::Asking;
use crate::draw::{Draw, draw};
use crate::edited::Edited;
use crate::keys::key_bytes;
use crate::matching::Subject;
use crate::normal::check_single;
use crate::observe::{Found, Observer, Step, What};
use crate::path::Target;
use crate::readings::Readings;
use crate::request::Caller;
use crate::rule::RuleIndex;
use crate::tables::{
    Announced, BackendChoice, CalleeKind, Destination, ForwardTable, OutboundPort, RouteAction,
};
use crate::template::Captured;
use crate::verdict::{Refusal, Routing};

/// What answers a request on its way.
type Answered = Box<Routing>;

fn refused(refusal: Refusal) -> Answered {
    Box::new(Routing::Refuse(refusal))
}

impl<'a> Journey<'a> {
    pub(super) fn leg<O: Observer>(
        &mut self,
        sent: Sent<'_>,
        observer: &mut O,
    ) -> Result<Arrival, Answered> {
        let tables = self.tables;
        let service = tables.service(self.plan.service);
        self.plan.connect_timeout = service.connect_timeout;
        self.plan.stream_idle_timeout = service.stream_idle_timeout;
        self.plan.idle_timeout = service.idle_timeout;
        let Some(view) = tables.outbound.view(self.plan.service) else {
            let default = tables.outbound.default_for(service.id.namespace.as_str());
            return Err(refused(not_visible(default, BACKEND_NOT_VISIBLE, observer)));
        };
        self.bound(view.timeout, view.attempts);
        let port = &view.ports[self.plan.port.position()];
        let Some(document) = port.route else {
            if tables.kind(self.plan.service) == CalleeKind::Gateway {
                return Err(refused(no_listener_route(view.rule)));
            }
            self.bound(service.timeout, Some(service.retries.attempts));
            self.plan.retries = view.retries;
            return Ok(Arrival::Here);
        };
        match sent {
            Sent::Connection { server_name } => {
                let asked = self.asked(Subject::CONNECTION, server_name);
                let at = find(port, &asked, observer);
                let at = at.ok_or_else(|| refused(no_route(document)))?;
                self.take(port, at, None, &asked, sent, observer)
            }
            Sent::Request {
                request,
                form,
                scheme,
            } => {
                let edits = self.plan.request_edits.clone();
                let edited = Edited {
                    inner: request.headers,
                    tables,
                    edits: &edits,
                };
                let wrong = |why| refused(Refusal::bad_request(why));
                check_single(&edited, &port.single_headers).map_err(wrong)?;
                let rewritten = self.plan.path.clone();
                let target = match &rewritten {
                    Some(path) => Target::parse(request.method, path).map_err(wrong)?,
                    None => form.target,
                };
                let readings = Readings::plain(&target);
                let subject = Subject {
                    method: request.method,
                    readings: readings.as_slice(),
                    query: target.query,
                    headers: &edited,
                };
                let host = self.plan.host.clone();
                let host = host
                    .as_ref()
                    .map_or_else(|| form.authority.host(), |it| it.as_str());
                let asked = self.asked(subject, Some(host));
                preflighted(port, &asked)?;
                let at = find(port, &asked, observer);
                let at = at.ok_or_else(|| refused(no_route(document)))?;
                let place = Place {
                    target,
                    form,
                    scheme,
                };
                self.take(port, at, Some(&place), &asked, sent, observer)
            }
        }
    }

    fn asked<'s>(&self, subject: Subject<'s>, host: Option<&'s str>) -> Asked<'s>
    where
        'a: 's,
    {
        // Rules of services know whom they are for; only those of gateways ask.
        let client = self.client.unwrap_or(Caller::nobody());
        Asked {
            subject,
            host,
            asking: Asking::of(client, &self.tables.settings().trust_domain),
        }
    }

    /// Does what the rule says.
    fn take<O: Observer>(
        &mut self,
        port: &'a OutboundPort,
        at: usize,
        place: Option<&Place<'_>>,
        asked: &Asked<'_>,
        sent: Sent<'_>,
        observer: &mut O,
    ) -> Result<Arrival, Answered> {
        let entry = &port.entries[at];
        let (rule, subject) = (entry.rule, &asked.subject);
        let captured = captured(entry, place.map_or(&[], |place| place.target.path), subject);
        match &entry.action {
            RouteAction::Respond(respond) => Err(Box::new(Routing::Respond {
                rule,
                respond: *respond,
            })),
            RouteAction::Redirect { redirect, path } => {
                let Some(place) = place else {
                    return Err(refused(Refusal::bad_request(
                        "a connection cannot be redirected",
                    )));
                };
                let path = expanded(path.as_ref(), &captured);
                let path = path.as_deref().unwrap_or(place.target.path);
                let query = place.target.query;
                let base = (place.scheme, &place.form.authority);
                Err(Box::new(Routing::Redirect {
                    rule,
                    status: redirect.status,
                    location: location(redirect, path, query, base),
                }))
            }
            RouteAction::Forward(forward) => {
                self.plan.rules.push(rule);
                let drawn = self.draw(forward, subject, &captured);
                self.forward(forward, place, &captured);
                self.extras(entry, forward, at, subject, sent);
                self.backend(choose(forward, drawn), rule, observer)
            }
        }
    }

    /// Applies what the rule says of every request that it forwards.
    fn forward(
        &mut self,
        forward: &ForwardTable,
        place: Option<&Place<'_>>,
        captured: &Captured<'_>,
    ) {
        self.bound(forward.timeout, Some(forward.attempts));
        self.plan.per_try_timeout = shorter(self.plan.per_try_timeout, forward.per_try_timeout);
        self.plan.retries = forward.retries;
        if let Some(mut path) = expanded(forward.path.as_ref(), captured) {
            if let Some(query) = place.and_then(|place| place.target.query) {
                path.push(b'?');
                path.extend_from_slice(query);
            }
            self.plan.path = Some(path);
        }
        if forward.host.is_some() {
            self.plan.host.clone_from(&forward.host);
        }
        self.plan.request_edits.extend(forward.request_edits);
        self.plan.response_edits.extend(forward.response_edits);
    }

    pub(super) fn backend<O: Observer>(
        &mut self,
        backend: &BackendChoice,
        rule: RuleIndex,
        observer: &mut O,
    ) -> Result<Arrival, Answered> {
        self.plan.request_edits.extend(backend.request_edits);
        self.plan.response_edits.extend(backend.response_edits);
        observer.step(Step {
            what: What::Backend,
            found: Found::Fine,
            rule: Some(rule),
        });
        self.go(&backend.destination, observer)
    }

    pub(super) fn go<O: Observer>(
        &mut self,
        destination: &Destination,
        observer: &mut O,
    ) -> Result<Arrival, Answered> {
        match destination {
            Destination::Own(version) => {
                self.plan.version = *version;
                Ok(Arrival::Here)
            }
            Destination::Other(service, port) => Ok(Arrival::Onward(*service, *port)),
            Destination::NotVisible(_, _, default) => Err(refused(not_visible(
                *default,
                BACKEND_NOT_VISIBLE,
                observer,
            ))),
        }
    }

    /// By the request's id, or by what `splitBy` names.
    fn draw(&self, forward: &ForwardTable, subject: &Subject<'_>, captured: &Captured<'_>) -> Draw {
        if forward.split_by.is_empty() {
            return draw(self.id, forward.salt);
        }
        let us = Caller::new(Some(&self.tables.role().identity), None);
        let caller = self.client.unwrap_or(&us);
        let keys = (&forward.split_by, &forward.issuers);
        draw(
            &key_bytes(keys.0, keys.1, caller, subject, captured),
            forward.salt,
        )
    }

    fn bound(&mut self, timeout: Option<Duration>, attempts: Option<u32>) {
        self.plan.timeout = shorter(self.plan.timeout, timeout);
        self.plan.attempts = self.plan.attempts.min(attempts.unwrap_or(u32::MAX));
    }
}

/// Answers a preflight whose rule has `cors`.
fn preflighted(port: &OutboundPort, asked: &Asked<'_>) -> Result<(), Answered> {
    if !port.has_cors {
        return Ok(());
    }
    let announced = Announced::by(asked.subject.method, asked.subject.headers);
    let answer = announced.and_then(|it| preflight(port, &it, asked));
    answer.map_or(Ok(()), |it| Err(Box::new(Routing::Preflight(it))))
}
