use std::time::Duration;

use smallvec::SmallVec;

use super::location::location;
use super::rules::{captured, choose, expanded, find, no_route, shorter};
use crate::draw::{Draw, draw};
use crate::edited::Edited;
use crate::index::{PortIndex, ServiceIndex};
use crate::keys::key_bytes;
use crate::matching::Subject;
use crate::normal::{NormalForm, check_single};
use crate::observe::{Found, Observer, Step, What};
use crate::path::Target;
use crate::readings::Readings;
use crate::request::{Caller, Request};
use crate::rule::RuleIndex;
use crate::tables::{
    BackendChoice, Destination, ForwardTable, OutboundPort, RouteAction, RouteEntry, Tables,
};
use crate::template::Captured;
use crate::verdict::{Plan, Reason, Refusal, Routing};

/// How many services may send a request on to one another.
const MAX_LEGS: usize = 8;

/// What is sent.
#[derive(Clone, Copy)]
pub(super) enum Sent<'a> {
    Request {
        request: &'a Request<'a>,
        form: &'a NormalForm<'a>,
    },
    Connection,
}

/// A request on its way from the service that it calls to the one that takes it.
///
/// Each leg is a call of one service: its rules see what the rule before made of
/// the request, and bounds only get tighter.
pub(super) struct Journey<'a> {
    tables: &'a Tables,
    id: &'a [u8],
    plan: Plan,
}

/// Where a leg ends that the request survives.
enum Arrival {
    Here,
    Onward(ServiceIndex, PortIndex),
}

/// What answers a request on its way.
type Answered = Box<Routing>;

fn refused(refusal: Refusal) -> Answered {
    Box::new(Routing::Refuse(refusal))
}

impl<'a> Journey<'a> {
    pub(super) fn new(
        tables: &'a Tables,
        service: ServiceIndex,
        port: PortIndex,
        id: &'a [u8],
    ) -> Self {
        let called = tables.service(service);
        let plan = Plan {
            called: service,
            service,
            port,
            version: None,
            rules: SmallVec::new(),
            timeout: None,
            per_try_timeout: None,
            attempts: u32::MAX,
            retries: crate::index::RetryIndex::at(0),
            path: None,
            host: None,
            request_edits: SmallVec::new(),
            response_edits: SmallVec::new(),
            connect_timeout: called.connect_timeout,
            stream_idle_timeout: called.stream_idle_timeout,
            idle_timeout: called.idle_timeout,
        };
        Self { tables, id, plan }
    }

    /// Goes from service to service until one takes it.
    pub(super) fn travel<O: Observer>(mut self, sent: Sent<'_>, observer: &mut O) -> Routing {
        for _ in 0..MAX_LEGS {
            match self.leg(sent, observer) {
                Ok(Arrival::Here) => return Routing::Forward(self.plan),
                Ok(Arrival::Onward(service, port)) => {
                    self.plan.service = service;
                    self.plan.port = port;
                }
                Err(answered) => return *answered,
            }
        }
        let detail = "services send the request on to one another without end";
        let refusal = Refusal::plain(404, Reason::NoRoute, detail);
        Routing::Refuse(Refusal {
            rule: self.plan.rule(),
            ..refusal
        })
    }

    fn leg<O: Observer>(&mut self, sent: Sent<'_>, observer: &mut O) -> Result<Arrival, Answered> {
        let tables = self.tables;
        let service = tables.service(self.plan.service);
        self.plan.connect_timeout = service.connect_timeout;
        self.plan.stream_idle_timeout = service.stream_idle_timeout;
        self.plan.idle_timeout = service.idle_timeout;
        let Some(view) = tables.outbound.view(self.plan.service) else {
            let default = tables.outbound.default_for(service.id.namespace.as_str());
            return Err(refused(super::not_visible(
                default,
                super::BACKEND_NOT_VISIBLE,
                observer,
            )));
        };
        self.bound(view.timeout, view.attempts);
        let port = &view.ports[self.plan.port.position()];
        let Some(document) = port.route else {
            self.bound(service.timeout, Some(service.retries.attempts));
            self.plan.retries = view.retries;
            return Ok(Arrival::Here);
        };
        match sent {
            Sent::Connection => {
                let subject = Subject::CONNECTION;
                let entry =
                    find(port, &subject, observer).ok_or_else(|| refused(no_route(document)))?;
                self.take(entry, None, &subject, observer)
            }
            Sent::Request { request, form } => {
                self.request_leg(port, document, request, form, observer)
            }
        }
    }

    fn request_leg<O: Observer>(
        &mut self,
        port: &'a OutboundPort,
        document: RuleIndex,
        request: &Request<'_>,
        form: &NormalForm<'_>,
        observer: &mut O,
    ) -> Result<Arrival, Answered> {
        let wrong = |why| refused(Refusal::bad_request(why));
        let edits = self.plan.request_edits.clone();
        let edited = Edited {
            inner: request.headers,
            tables: self.tables,
            edits: &edits,
        };
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
        let entry = find(port, &subject, observer).ok_or_else(|| refused(no_route(document)))?;
        let place = Place { target, form };
        self.take(entry, Some(&place), &subject, observer)
    }

    /// Does what the rule says.
    fn take<O: Observer>(
        &mut self,
        entry: &'a RouteEntry,
        place: Option<&Place<'_>>,
        subject: &Subject<'_>,
        observer: &mut O,
    ) -> Result<Arrival, Answered> {
        let rule = entry.rule;
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
                Err(Box::new(Routing::Redirect {
                    rule,
                    status: redirect.status,
                    location: location(redirect, path, query, &place.form.authority),
                }))
            }
            RouteAction::Forward(forward) => {
                self.plan.rules.push(rule);
                let drawn = self.draw(forward, subject, &captured);
                self.forward(forward, place, &captured);
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

    fn backend<O: Observer>(
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
        match &backend.destination {
            Destination::Own(version) => {
                self.plan.version = *version;
                Ok(Arrival::Here)
            }
            Destination::Other(service, port) => Ok(Arrival::Onward(*service, *port)),
            Destination::NotVisible(_, default) => Err(refused(super::not_visible(
                *default,
                super::BACKEND_NOT_VISIBLE,
                observer,
            ))),
        }
    }

    /// By the request's id, or by what `splitBy` names.
    fn draw(&self, forward: &ForwardTable, subject: &Subject<'_>, captured: &Captured<'_>) -> Draw {
        if forward.split_by.is_empty() {
            return draw(self.id, forward.salt);
        }
        let us = Caller {
            identity: Some(&self.tables.role().identity),
            address: None,
        };
        draw(
            &key_bytes(&forward.split_by, &us, subject, captured),
            forward.salt,
        )
    }

    fn bound(&mut self, timeout: Option<Duration>, attempts: Option<u32>) {
        self.plan.timeout = shorter(self.plan.timeout, timeout);
        self.plan.attempts = self.plan.attempts.min(attempts.unwrap_or(u32::MAX));
    }
}

/// The request as a leg sees it.
struct Place<'a> {
    target: Target<'a>,
    form: &'a NormalForm<'a>,
}
