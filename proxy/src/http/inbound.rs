use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use http::header::HeaderValue;
use http::{Request, Response, Version, request};
use hyper::body::Incoming;
use mesh_decide::{Admission, Admitted, Failure, InboundPort, LimitStatus, Refusal, admit};
use mesh_identity::SpiffeId;
use mesh_ir::{Name, Port, Protocol, ServiceRef};

use super::answer::{Answer, give, tell_limit, tell_room};
use super::attempt::{Failed, attempt, within};
use super::body::{Body, Bounds, Open};
use super::edit::{CLIENT_CERT, REQUEST_ID};
use super::forward::{Fields, host, target, translate};
use super::guard::{self, Head};
use super::mirror::MIRROR;
use super::place::Place;
use super::serve::{ClientEnd, Exchange, Handler};
use super::standing::{Gate, Standing};
use super::waiting::waiting;
use crate::active::Active;
use crate::context::Context;
use crate::pool::{Destination, HttpVersion, Outgoing, Progress};
use crate::reserved;
use crate::telemetry::{Direction, Outcome, Record, Shadowed, Traffic};

/// Until a connection to the application is open; it is on loopback.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a connection to the application is kept without a request: shorter
/// than what common servers wait before they close, so that they seldom win the race.
const KEEP: Duration = Duration::from_secs(4);

/// Requests of one caller to the application, over one connection.
pub(crate) struct Inbound {
    context: Rc<Context>,
    gate: Rc<Gate>,
    application: SocketAddr,
    /// What the application is told of the caller.
    client_cert: Option<HeaderValue>,
    /// Where the port is in the tables that were asked last; it does not keep them.
    at: RefCell<Option<(Weak<Active>, InboundPort)>>,
}

/// An admitted request, and what is needed when its answer comes.
struct Ready {
    request: Request<Outgoing>,
    progress: Option<Rc<Progress>>,
    kind: Head,
    version: HttpVersion,
    record: Box<Record>,
    limit: Option<LimitStatus>,
    idle: Option<Duration>,
    standing: Rc<Standing>,
    place: Place,
}

impl Inbound {
    pub(crate) fn new(
        context: Rc<Context>,
        service: ServiceRef,
        port: Name,
        application: SocketAddr,
        peer: Option<Rc<SpiffeId>>,
        address: IpAddr,
    ) -> Self {
        let own = context
            .active()
            .map(|active| active.tables.role().identity.clone());
        let client_cert = peer
            .as_ref()
            .zip(own)
            .and_then(|(peer, own)| HeaderValue::from_str(&format!("By={own};URI={peer}")).ok());
        Self {
            context,
            gate: Rc::new(Gate {
                service,
                port,
                peer,
                address,
            }),
            application,
            client_cert,
            at: RefCell::new(None),
        }
    }

    fn place(&self, active: &Rc<Active>) -> Option<InboundPort> {
        if let Some((known, at)) = &*self.at.borrow()
            && known.as_ptr() == Rc::as_ptr(active)
        {
            return Some(*at);
        }
        let at = active.tables.inbound(&self.gate.service, &self.gate.port)?;
        *self.at.borrow_mut() = Some((Rc::downgrade(active), at));
        Some(at)
    }

    fn judge(
        &self,
        active: &Active,
        at: InboundPort,
        head: &request::Parts,
        now: Instant,
    ) -> Admission {
        let (target, authority) = target(head);
        let request = mesh_decide::Request {
            method: head.method.as_str().as_bytes(),
            target: target.as_bytes(),
            authority,
            headers: &Fields(&head.headers),
        };
        let moment = self.context.moment_at(now);
        admit(
            &active.tables,
            &active.state,
            at,
            &self.gate.caller(),
            &request,
            moment,
            &mut (),
        )
    }

    fn record(
        &self,
        active: &Rc<Active>,
        head: &request::Parts,
        at: Option<InboundPort>,
    ) -> Box<Record> {
        let target = at.map(|at| active.tables.inbound_target(at));
        let grpc = target.is_some_and(|(service, port)| {
            active.tables.service(service).ports[port.position()].protocol == Protocol::Grpc
        });
        Box::new(Record {
            direction: Direction::Inbound,
            active: active.clone(),
            began: Instant::now(),
            traffic: Traffic::Http {
                method: head.method.clone(),
                uri: head.uri.clone(),
                version: head.version,
                host: host(head),
                request_id: head.headers.get(REQUEST_ID).cloned(),
                grpc,
            },
            peer: self.gate.peer.clone(),
            service: target.map(|(service, _)| service),
            version: None,
            rule: None,
            outcome: Outcome::default(),
            received: 0,
            sent: 0,
        })
    }

    /// Answers by itself; the exchange is over.
    fn refuse(&self, mut record: Box<Record>, refusal: &Refusal) -> Response<Body> {
        let active = record.active.clone();
        self.context.metrics.noted(&active, &refusal.noted);
        if let Some(rule) = refusal.rule {
            self.context
                .metrics
                .decided(&active, rule, Shadowed::Denied);
        }
        record.rule = refusal.rule;
        let mut response = give(&self.context, record, &Answer::refusal(refusal), "");
        tell_limit(response.headers_mut(), &active, refusal);
        response
    }

    /// Everything before the first wait: judged, and made ready to be sent.
    fn prepare(&self, request: Request<Incoming>) -> ControlFlow<Response<Body>, Ready> {
        let Some(active) = self.context.active() else {
            return ControlFlow::Break(
                Answer::failure(503, "not-ready", "no bundle yet").response(false),
            );
        };
        let (head, incoming) = request.into_parts();
        let at = self.place(&active);
        let record = self.record(&active, &head, at);
        let Some(at) = at else {
            let answer = Answer::failure(503, "no-port", "this port is not served any more");
            return ControlFlow::Break(give(&self.context, record, &answer, "NR"));
        };
        let kind = match guard::check(&head) {
            Ok(kind) => kind,
            Err(detail) => {
                let refusal = Refusal::plain(400, mesh_decide::Reason::BadRequest, detail);
                return ControlFlow::Break(self.refuse(record, &refusal));
            }
        };
        match self.judge(&active, at, &head, record.began) {
            Admission::Refuse(refusal) => ControlFlow::Break(self.refuse(record, &refusal)),
            // A bundle that has questions is refused before it is active.
            Admission::Ask(_) | Admission::Preflight(_) => {
                let why = "questions about a request are not asked yet";
                let refusal = Refusal::plain(403, mesh_decide::Reason::Authorizer, why);
                ControlFlow::Break(self.refuse(record, &refusal))
            }
            Admission::Admit(admitted) => self.ready(at, head, incoming, kind, record, &admitted),
        }
    }

    fn ready(
        &self,
        at: InboundPort,
        mut head: request::Parts,
        incoming: Incoming,
        kind: Head,
        mut record: Box<Record>,
        admitted: &Admitted,
    ) -> ControlFlow<Response<Body>, Ready> {
        let active = record.active.clone();
        let metrics = &self.context.metrics;
        metrics.noted(&active, &admitted.noted);
        metrics.decided(&active, admitted.allowed_by, Shadowed::Allowed);
        record.rule = Some(admitted.allowed_by);
        let (service_at, port) = active.tables.inbound_target(at);
        let service = active.tables.service(service_at);
        let version = towards_application(&service.ports[port.position()], head.version);
        let standing = Rc::new(Standing::inbound(&self.gate, &head));
        let Ok(place) = Place::find(&active, service_at, version) else {
            return ControlFlow::Break(self.full(record));
        };
        let gone = reserved::strip(&mut head.headers);
        if self.gate.peer.is_some() && gone.contains(&MIRROR) {
            // Only proxies say so: they take it from what applications send.
            head.headers.insert(MIRROR, HeaderValue::from_static("1"));
        }
        if let Some(client_cert) = &self.client_cert {
            head.headers.insert(CLIENT_CERT, client_cert.clone());
        }
        if translate(&mut head, kind, version, None, None).is_err() {
            let answer = Answer::failure(400, "bad-request", "the host cannot be forwarded");
            return ControlFlow::Break(give(&self.context, record, &answer, ""));
        }
        let (outgoing, progress) = Outgoing::passing(incoming);
        ControlFlow::Continue(Ready {
            request: Request::from_parts(head, outgoing),
            progress,
            kind,
            version,
            record,
            limit: admitted.limit,
            idle: service.stream_idle_timeout,
            standing,
            place,
        })
    }

    async fn forward(&self, ready: Ready, mut exchange: Exchange) -> Response<Body> {
        let Ready {
            request,
            progress,
            kind,
            version,
            mut record,
            limit,
            idle,
            standing,
            place,
        } = ready;
        exchange.in_flight.stand(standing.clone());
        let slot = match place {
            Place::Unbounded => None,
            Place::Taken(slot) => Some(slot),
            Place::Comes(turn) => {
                let turn = pin!(turn.wait());
                match waiting(&self.context, &standing, &mut record, turn).await {
                    Ok(slot) => slot,
                    Err(why) => return give(&self.context, record, &Answer::ended(why), ""),
                }
            }
        };
        let to = Destination {
            address: self.application,
            version,
            secure: None,
            connect_timeout: CONNECT_TIMEOUT,
            keep: KEEP,
        };
        let sent = pin!(attempt(&self.context.pool, &to, request));
        let (alarms, moved) = (&self.context.alarms, progress.as_deref());
        let sent = within(alarms, record.began, (None, idle), moved, sent);
        let sent = waiting(&self.context, &standing, &mut record, pin!(sent)).await;
        record.received = progress.map_or(0, |it| it.bytes.get());
        let (lease, response) = match sent {
            Ok(Ok(Ok(answered))) => answered,
            Ok(Ok(Err(failed))) => return self.failed(record, &failed),
            Err(why) => return give(&self.context, record, &Answer::ended(why), ""),
            Ok(Err(_)) => {
                let answer = Answer::failure(504, "timeout", "the application did not answer");
                return give(&self.context, record, &answer, "SI");
            }
        };
        let active = record.active.clone();
        let open = Open {
            context: self.context.clone(),
            record,
            lease: Some(lease),
            in_flight: exchange.in_flight,
            slot,
        };
        let bounds = Bounds {
            deadline: None,
            idle,
        };
        let mut response = super::tunnel::pass(response, kind, open, bounds, &exchange.tunnel);
        reserved::strip(response.headers_mut());
        if let Some(limit) = &limit {
            tell_room(response.headers_mut(), &active, limit);
        }
        response
    }

    fn full(&self, record: Box<Record>) -> Response<Body> {
        let why = "the instance has as many requests as its limits take";
        give(
            &self.context,
            record,
            &Answer::failure(503, "overload", why),
            "UO",
        )
    }

    fn failed(&self, record: Box<Record>, failed: &Failed) -> Response<Body> {
        let (answer, flags) = if failed.failure == Failure::Connect {
            (
                Answer::failure(503, "no-application", "the application is not there"),
                "UF",
            )
        } else {
            (
                Answer::failure(502, "application-reset", "the application broke off"),
                "UC",
            )
        };
        give(&self.context, record, &answer, flags)
    }
}

/// What the application is spoken to in: HTTP/2 where its port says so, else HTTP/1.1.
fn towards_application(port: &Port, received: Version) -> HttpVersion {
    match port.protocol {
        Protocol::Http2 | Protocol::Grpc if received == Version::HTTP_2 => HttpVersion::H2,
        _ => HttpVersion::H1,
    }
}

impl Handler for Inbound {
    fn context(&self) -> &Rc<Context> {
        &self.context
    }

    /// Callers with a certificate are proxies; those keep a connection open both
    /// ways for as long as they want an answer.
    fn client_end(&self) -> ClientEnd {
        if self.gate.peer.is_some() {
            ClientEnd::Gone
        } else {
            ClientEnd::Listens
        }
    }

    fn idle_timeout(&self) -> Option<Duration> {
        let active = self.context.active()?;
        let service = active.tables.find_service(&self.gate.service)?;
        active.tables.service(service).idle_timeout
    }

    async fn handle(&self, request: Request<Incoming>, exchange: Exchange) -> Response<Body> {
        match self.prepare(request) {
            ControlFlow::Continue(ready) => self.forward(ready, exchange).await,
            ControlFlow::Break(answered) => answered,
        }
    }
}
