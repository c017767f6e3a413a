use std::time::Duration;

use mesh_ir::Percent;
use smallvec::SmallVec;

use super::enter::{BACKEND_NOT_VISIBLE, not_visible};
use super::location::location;
use super::rules::{
    Asked, captured, choose, expanded, find, no_listener_route, no_route, preflight, shorter,
};
use super::sent::{Place, Sent};
use crate::callers::Asking;
use crate::draw::{Draw, Salt, draw};
use crate::edited::Edited;
use crate::index::{PortIndex, ServiceIndex};
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
    RouteEntry, Tables,
};
use crate::template::Captured;
use crate::verdict::{Injected, Plan, Reason, Refusal, Resume, Routing};

/// How many services may send a request on to one another.
const MAX_LEGS: u8 = 8;

/// A request on its way from the service that it calls to the one that takes it.
///
/// Each leg is a call of one service: its rules see what the rule before made of
/// the request, and bounds only get tighter.
#[derive(Clone)]
pub(super) struct Journey<'a> {
    tables: &'a Tables,
    id: &'a [u8],
    /// Who calls the first leg: a gateway's client. Every further one this role calls.
    client: Option<&'a Caller<'a>>,
    /// Whether it is a copy: never copied, delayed or sent elsewhere itself.
    is_copy: bool,
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
            admit: None,
            via: None,
            mirrors: vec![],
            fault: None,
            cors: None,
            fallback: vec![],
            legs: 0,
        };
        Self {
            tables,
            id,
            client: None,
            is_copy: false,
            plan,
        }
    }

    /// At a gateway, in the name of its client.
    pub(super) fn of_client(self, client: &'a Caller<'a>) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// Where a plan goes on that has a `fallback` left.
    pub(super) fn resume(tables: &'a Tables, plan: &Plan, id: &'a [u8]) -> Option<Self> {
        Some(Self {
            tables,
            id,
            client: None,
            is_copy: false,
            plan: plan.has_fallback().then(|| plan.clone())?,
        })
    }

    /// Goes on with the next entry of the innermost `fallback`.
    pub(super) fn fall_back<O: Observer>(
        mut self,
        sent: Sent<'_>,
        observer: &mut O,
    ) -> Option<Routing> {
        let resume = self.plan.fallback.pop()?;
        let view = self.tables.outbound.view(resume.service)?;
        let entry = &view.ports[resume.port.position()].entries[resume.entry];
        let RouteAction::Forward(forward) = &entry.action else {
            return None;
        };
        let backend = forward.fallback.get(resume.next)?;
        let outer = std::mem::take(&mut self.plan.fallback);
        let legs = self.plan.legs;
        self.plan = (*resume.before).clone();
        self.plan.legs = legs;
        self.plan.fallback = outer;
        if resume.next + 1 < forward.fallback.len() {
            self.plan.fallback.push(Resume {
                next: resume.next + 1,
                ..resume
            });
        }
        Some(match self.backend(backend, entry.rule, observer) {
            Ok(Arrival::Here) => self.arrive(),
            Ok(Arrival::Onward(service, port)) => {
                self.plan.service = service;
                self.plan.port = port;
                self.travel(sent, observer)
            }
            Err(answered) => *answered,
        })
    }

    /// Goes from service to service until one takes it.
    pub(super) fn travel<O: Observer>(mut self, sent: Sent<'_>, observer: &mut O) -> Routing {
        while self.plan.legs < MAX_LEGS {
            self.plan.legs += 1;
            match self.leg(sent, observer) {
                Ok(Arrival::Here) => return self.arrive(),
                Ok(Arrival::Onward(service, port)) => {
                    self.client = None;
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

    /// What an external service asks for besides: a gateway before it, or a judgement.
    fn arrive(mut self) -> Routing {
        let (tables, service) = (self.tables, self.plan.service);
        if tables.kind(service) == CalleeKind::External {
            self.plan.via = tables.outbound.view(service).and_then(|view| view.via);
            let port = &tables.port(service, self.plan.port).name;
            self.plan.admit = tables.inbound_of(service, port);
        }
        Routing::Forward(self.plan)
    }

    fn leg<O: Observer>(&mut self, sent: Sent<'_>, observer: &mut O) -> Result<Arrival, Answered> {
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

    /// What few rules ask for; costs nothing where they do not.
    fn extras(
        &mut self,
        entry: &RouteEntry,
        forward: &ForwardTable,
        at: usize,
        subject: &Subject<'_>,
        sent: Sent<'_>,
    ) {
        if let Some(cors) = &entry.cors {
            self.plan.cors = Some(Box::new(cors.answer(subject.headers)));
        }
        if self.is_copy {
            return;
        }
        if let Some(table) = &forward.fault {
            let delay = table.fault.delay;
            let delay = delay.filter(|it| self.happens(it.percent, table.delay_salt));
            let abort = table.fault.abort;
            let abort = abort.filter(|it| self.happens(it.percent, table.abort_salt));
            if delay.is_some() || abort.is_some() {
                self.inject(Injected {
                    rule: entry.rule,
                    delay: delay.map(|it| it.length),
                    abort: abort.map(|it| it.with),
                });
            }
        }
        for mirror in &forward.mirrors {
            if self.happens(mirror.percent, mirror.salt) {
                self.copy(&mirror.destination, sent);
            }
        }
        if !forward.fallback.is_empty() {
            let mut before = self.plan.clone();
            before.fallback = vec![];
            self.plan.fallback.push(Resume {
                before: Box::new(before),
                service: self.plan.service,
                port: self.plan.port,
                entry: at,
                next: 0,
            });
        }
    }

    /// Of several rules on the way the delays add up, and the first abort holds.
    fn inject(&mut self, drawn: Injected) {
        let Some(before) = &mut self.plan.fault else {
            self.plan.fault = Some(drawn);
            return;
        };
        before.delay = match (before.delay, drawn.delay) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        if before.abort.is_none() && drawn.abort.is_some() {
            before.rule = drawn.rule;
            before.abort = drawn.abort;
        }
    }

    /// A copy to another place; nothing is copied where the place answers by itself.
    fn copy(&mut self, destination: &Destination, sent: Sent<'_>) {
        let mut copy = Self {
            is_copy: true,
            client: None,
            ..self.clone()
        };
        copy.plan.mirrors = vec![];
        copy.plan.fallback = vec![];
        copy.plan.fault = None;
        let routing = match copy.go(destination, &mut ()) {
            Ok(Arrival::Here) => copy.arrive(),
            Ok(Arrival::Onward(service, port)) => {
                copy.plan.service = service;
                copy.plan.port = port;
                copy.travel(sent, &mut ())
            }
            Err(answered) => *answered,
        };
        if let Routing::Forward(plan) = routing {
            self.plan.mirrors.push(Plan {
                attempts: 0,
                ..plan
            });
        }
    }

    fn happens(&self, percent: Percent, salt: Salt) -> bool {
        draw(self.id, salt).below(Percent::ALL.0.into()) < percent.0.into()
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
        self.go(&backend.destination, observer)
    }

    fn go<O: Observer>(
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
