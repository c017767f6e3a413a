use smallvec::SmallVec;

use super::sent::Sent;
use crate::index::{PortIndex, RetryIndex, ServiceIndex};
use crate::observe::Observer;
use crate::request::Caller;
use crate::tables::{CalleeKind, RouteAction, Tables};
use crate::verdict::{Plan, Reason, Refusal, Resume, Routing};

/// How many services may send a request on to one another.
const MAX_LEGS: u8 = 8;

/// A request on its way from the service that it calls to the one that takes it.
///
/// Each leg is a call of one service: its rules see what the rule before made of
/// the request, and bounds only get tighter.
#[derive(Clone)]
pub(super) struct Journey<'a> {
    pub(super) tables: &'a Tables,
    pub(super) id: &'a [u8],
    /// Who calls the first leg: a gateway's client. Every further one this role calls.
    pub(super) client: Option<&'a Caller<'a>>,
    /// Whether it is a copy: never copied, delayed or sent elsewhere itself.
    pub(super) is_copy: bool,
    pub(super) plan: Plan,
}

/// Where a leg ends that the request survives.
pub(super) enum Arrival {
    Here,
    Onward(ServiceIndex, PortIndex),
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
            retries: RetryIndex::at(0),
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
                self.onward(service, port);
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
                Ok(Arrival::Onward(service, port)) => self.onward(service, port),
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

    /// The next leg is a call of this role's own.
    pub(super) fn onward(&mut self, service: ServiceIndex, port: PortIndex) {
        self.client = None;
        if self.tables.kind(self.plan.called) == CalleeKind::Gateway {
            self.plan.called = service;
        }
        self.plan.service = service;
        self.plan.port = port;
    }

    /// What an external service asks for besides: a gateway before it, or a judgement.
    pub(super) fn arrive(mut self) -> Routing {
        let (tables, service) = (self.tables, self.plan.service);
        if tables.kind(service) == CalleeKind::External
            && let Some(view) = tables.outbound.view(service)
        {
            self.plan.via = view.via;
            self.plan.admit = view.admits.get(self.plan.port.position()).copied();
        }
        if self.plan.fault.is_some_and(|it| it.abort.is_some()) {
            // What is not sent is not copied.
            self.plan.mirrors.clear();
        }
        Routing::Forward(self.plan)
    }
}
