use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, Version, request};
use hyper::body::Incoming;
use mesh_decide::{Plan, Refusal, Routing, route};
use mesh_ir::Protocol;

use super::answer::{self, Answer, give};
use super::attempt::RequestBody;
use super::body::{Body, Open};
use super::edit::{REQUEST_ID, apply};
use super::exchange::{self, Answered, Unanswered};
use super::forward::{Fields, host, target, translate};
use super::guard::{self, Head};
use super::serve::{ClientEnd, Exchange, Handler};
use super::standing::Standing;
use super::waiting::waiting;
use crate::active::Active;
use crate::context::Context;
use crate::pool::HttpVersion;
use crate::reserved;
use crate::telemetry::{Direction, Outcome, Record, Shadowed, Traffic};

/// How long the application's connection may be without a request.
const IDLE: Duration = Duration::from_hours(1);

/// Requests of the own application to services of the mesh.
pub(crate) struct Outbound {
    context: Rc<Context>,
}

/// A routed request, and what is needed when its answer comes.
struct Ready {
    head: request::Parts,
    body: RequestBody,
    kind: Head,
    record: Box<Record>,
    outgoing: exchange::Outgoing,
}

impl Outbound {
    pub(crate) fn new(context: Rc<Context>) -> Self {
        Self { context }
    }

    fn record(active: &Rc<Active>, head: &request::Parts) -> Box<Record> {
        let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        Box::new(Record {
            direction: Direction::Outbound,
            active: active.clone(),
            began: Instant::now(),
            traffic: Traffic::Http {
                method: head.method.clone(),
                uri: head.uri.clone(),
                version: head.version,
                host: host(head),
                request_id: head.headers.get(REQUEST_ID).cloned(),
                // Until the port is known; afterwards its protocol says it.
                grpc: content_type.is_some_and(|it| it.starts_with(b"application/grpc")),
            },
            peer: None,
            service: None,
            version: None,
            rule: None,
            outcome: Outcome::default(),
            received: 0,
            sent: 0,
        })
    }

    fn refuse(&self, mut record: Box<Record>, refusal: &Refusal) -> Response<Body> {
        if let Some(rule) = refusal.rule {
            self.context
                .metrics
                .decided(&record.active, rule, Shadowed::Denied);
        }
        record.rule = refusal.rule.or(record.rule);
        give(&self.context, record, &Answer::refusal(refusal), "")
    }

    /// A rule answers; nothing leaves.
    fn written(&self, mut record: Box<Record>, response: Response<Body>) -> Response<Body> {
        record.outcome.status = response.status().as_u16();
        record.finish(&self.context.log, &self.context.metrics);
        response
    }

    /// Everything before the first wait: decided, and made ready to be sent.
    fn prepare(&self, request: Request<Incoming>) -> ControlFlow<Response<Body>, Ready> {
        let Some(active) = self.context.active() else {
            return ControlFlow::Break(
                Answer::failure(503, "not-ready", "no bundle yet").response(false),
            );
        };
        let (mut head, incoming) = request.into_parts();
        let request_id = ensure_request_id(&mut head);
        let record = Self::record(&active, &head);
        let kind = match guard::check(&head) {
            Ok(kind) => kind,
            Err(detail) => {
                let refusal = Refusal::plain(400, mesh_decide::Reason::BadRequest, detail);
                return ControlFlow::Break(self.refuse(record, &refusal));
            }
        };
        reserved::strip(&mut head.headers);
        match decide(&active, &head, &request_id) {
            Routing::Refuse(refusal) => ControlFlow::Break(self.refuse(record, &refusal)),
            Routing::Respond { rule, respond } => {
                let response = answer::respond(active.tables.respond(respond));
                ControlFlow::Break(self.written(record.decided_by(rule), response))
            }
            Routing::Redirect {
                rule,
                status,
                location,
            } => {
                let response = answer::redirect(status, &location);
                ControlFlow::Break(self.written(record.decided_by(rule), response))
            }
            Routing::Forward(plan) => self.ready(head, incoming, kind, record, plan),
        }
    }

    fn ready(
        &self,
        mut head: request::Parts,
        incoming: Incoming,
        kind: Head,
        mut record: Box<Record>,
        plan: Plan,
    ) -> ControlFlow<Response<Body>, Ready> {
        let active = record.active.clone();
        if let Some(rule) = plan.rule() {
            let metrics = &self.context.metrics;
            metrics.decided(&active, rule, Shadowed::Allowed);
        }
        record.describe(&plan);
        let version = between_proxies(&active, &plan, head.version);
        if kind == Head::WebSocket && version == HttpVersion::H2 {
            let answer = Answer::failure(400, "bad-request", "this port has no WebSocket");
            return ControlFlow::Break(give(&self.context, record, &answer, ""));
        }
        for edits in &plan.request_edits {
            apply(&mut head.headers, active.tables.edits(*edits));
        }
        let host = plan.host.as_ref();
        let host = host.and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        if translate(&mut head, kind, version, host, plan.path.as_deref()).is_err() {
            let answer = Answer::failure(400, "bad-request", "the target cannot be forwarded");
            return ControlFlow::Break(give(&self.context, record, &answer, ""));
        }
        let keeps = exchange::may_repeat(&active, &plan, version);
        ControlFlow::Continue(Ready {
            head,
            body: RequestBody::new(incoming, keeps),
            kind,
            record,
            outgoing: exchange::Outgoing {
                plan,
                version,
                keeps,
            },
        })
    }

    async fn forward(&self, ready: Ready, mut exchange: Exchange) -> Response<Body> {
        let Ready {
            head,
            mut body,
            kind,
            mut record,
            outgoing,
        } = ready;
        let active = record.active.clone();
        let plan = &outgoing.plan;
        let standing = Rc::new(Standing::outbound(&active, plan));
        exchange.in_flight.stand(standing.clone());
        let answered = {
            let (context, began) = (&self.context, record.began);
            let run = exchange::run(context, &active, &outgoing, began, head, &mut body);
            waiting(context, &standing, &mut record, pin!(run)).await
        };
        record.received = body.sent();
        let Answered {
            lease,
            response,
            bounds,
        } = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(unanswered)) => return self.unanswered(record, plan, unanswered),
            Err(why) => return give(&self.context, record, &Answer::ended(why), ""),
        };
        record.peer = lease.peer().cloned();
        let open = Open {
            context: self.context.clone(),
            record,
            lease: Some(lease),
            in_flight: exchange.in_flight,
        };
        let mut response = super::tunnel::pass(response, kind, open, bounds, &exchange.tunnel);
        for edits in &plan.response_edits {
            apply(response.headers_mut(), active.tables.edits(*edits));
        }
        response
    }

    fn unanswered(&self, record: Box<Record>, plan: &Plan, how: Unanswered) -> Response<Body> {
        let (answer, flags) = match how {
            Unanswered::NoEndpoint => return self.refuse(record, &Refusal::no_endpoint(plan)),
            Unanswered::Connect => (
                Answer::failure(503, "connect-failure", "no endpoint could be reached"),
                "UF",
            ),
            Unanswered::Refused => (
                Answer::failure(503, "upstream-refused", "the endpoint takes no request now"),
                "UO",
            ),
            Unanswered::Reset => (
                Answer::failure(502, "upstream-reset", "the endpoint broke off"),
                "UC",
            ),
            Unanswered::Timeout => (Answer::failure(504, "timeout", "no answer in time"), "UT"),
        };
        give(&self.context, record, &answer, flags)
    }
}

/// The version that the application spoke, except where the port takes only HTTP/2.
fn between_proxies(active: &Active, plan: &Plan, received: Version) -> HttpVersion {
    let port = &active.tables.service(plan.service).ports[plan.port.position()];
    match port.protocol {
        Protocol::Http2 | Protocol::Grpc => HttpVersion::H2,
        _ if received == Version::HTTP_2 => HttpVersion::H2,
        _ => HttpVersion::H1,
    }
}

impl Handler for Outbound {
    fn context(&self) -> &Rc<Context> {
        &self.context
    }

    /// Applications may end their direction behind a request: `nc` does.
    fn client_end(&self) -> ClientEnd {
        ClientEnd::Listens
    }

    fn idle_timeout(&self) -> Option<Duration> {
        Some(IDLE)
    }

    async fn handle(&self, request: Request<Incoming>, exchange: Exchange) -> Response<Body> {
        match self.prepare(request) {
            ControlFlow::Continue(ready) => self.forward(ready, exchange).await,
            ControlFlow::Break(answered) => answered,
        }
    }
}

fn decide(active: &Active, head: &request::Parts, request_id: &HeaderValue) -> Routing {
    let (target, authority) = target(head);
    let request = mesh_decide::Request {
        method: head.method.as_str().as_bytes(),
        target: target.as_bytes(),
        authority,
        headers: &Fields(&head.headers),
    };
    route(&active.tables, &request, request_id.as_bytes(), &mut ())
}

/// The id by which the request is known wherever it goes: the application's own,
/// or a new one.
fn ensure_request_id(head: &mut request::Parts) -> HeaderValue {
    if let Some(id) = head.headers.get(REQUEST_ID) {
        return id.clone();
    }
    let random: u128 = rand::random();
    let id = HeaderValue::from_str(&format!("{random:032x}"))
        .expect("hexadecimal digits may stand in a header");
    head.headers.insert(REQUEST_ID, id.clone());
    id
}
