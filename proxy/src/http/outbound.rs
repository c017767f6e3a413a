use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderValue, SET_COOKIE};
use http::{Request, Response, request};
use hyper::body::Incoming;
use mesh_decide::{Plan, Refusal, Routing, RuleIndex};

use super::affinity::affinity;
use super::answer::{self, Answer, give};
use super::attempt::RequestBody;
use super::body::{Body, Open};
use super::edit::{REQUEST_ID, apply, share};
use super::exchange::{self, Answered, Unanswered};
use super::fault;
use super::forward::{Fields, host, translate, version_between};
use super::guard::{self, Head};
use super::mirror::Mirrors;
use super::planned::planned;
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
    mirrors: Option<Mirrors>,
    set_cookie: Option<HeaderValue>,
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

    fn refuse(
        &self,
        mut record: Box<Record>,
        refusal: &Refusal,
        flags: &'static str,
    ) -> Response<Body> {
        if let Some(rule) = refusal.rule {
            self.context
                .metrics
                .decided(&record.active, rule, Shadowed::Denied);
        }
        record.rule = refusal.rule.or(record.rule);
        give(&self.context, record, &Answer::refusal(refusal), flags)
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
                return ControlFlow::Break(self.refuse(record, &refusal, ""));
            }
        };
        reserved::strip(&mut head.headers);
        match planned(&self.context, &active, &head, &request_id) {
            Routing::Refuse(refusal) => ControlFlow::Break(self.refuse(record, &refusal, "")),
            Routing::Preflight(preflight) => {
                let response = answer::preflight(&preflight);
                ControlFlow::Break(self.written(record.decided_by(preflight.rule), response))
            }
            Routing::Respond { rule, respond } => {
                let mut response = answer::respond(active.tables.respond(respond));
                share_as(&active, rule, &head, &mut response);
                ControlFlow::Break(self.written(record.decided_by(rule), response))
            }
            Routing::Redirect {
                rule,
                status,
                location,
            } => {
                let mut response = answer::redirect(status, &location);
                share_as(&active, rule, &head, &mut response);
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
        mut plan: Plan,
    ) -> ControlFlow<Response<Body>, Ready> {
        let active = record.active.clone();
        if let Some(rule) = plan.rule() {
            let metrics = &self.context.metrics;
            metrics.decided(&active, rule, Shadowed::Allowed);
        }
        record.describe(&plan);
        let version = version_between(&active, &plan, head.version);
        if kind == Head::WebSocket && version == HttpVersion::H2 {
            let answer = Answer::failure(400, "bad-request", "this port has no WebSocket");
            return ControlFlow::Break(give(&self.context, record, &answer, ""));
        }
        let affinity = affinity(&active, &plan, &head);
        let mirrors = Mirrors::of(&active, &head, kind, std::mem::take(&mut plan.mirrors));
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
            body: RequestBody::new(incoming, keeps || mirrors.is_some()),
            kind,
            record,
            outgoing: exchange::Outgoing {
                plan,
                version,
                keeps,
                key: affinity.as_ref().map(|it| it.draw),
            },
            mirrors,
            set_cookie: affinity.and_then(|it| it.set_cookie),
        })
    }

    async fn forward(&self, ready: Ready, mut exchange: Exchange) -> Response<Body> {
        let Ready {
            head,
            mut body,
            kind,
            mut record,
            outgoing,
            mirrors,
            set_cookie,
        } = ready;
        let (context, active) = (&self.context, record.active.clone());
        let plan = &outgoing.plan;
        let standing = Rc::new(Standing::outbound(&active, plan));
        exchange.in_flight.stand(standing.clone());
        if plan.fault.is_some_and(|fault| fault.delay.is_some()) {
            record.outcome.flags = fault::DELAYED;
        }
        let answered = {
            let began = record.began;
            let run = async {
                if let Some(fault) = &plan.fault {
                    let deadline = plan.timeout.map(|timeout| began + timeout);
                    fault::inject(&context.alarms, fault, deadline).await?;
                }
                exchange::run(context, &active, &outgoing, began, head, &mut body).await
            };
            waiting(context, &standing, &mut record, pin!(run)).await
        };
        record.received = body.sent();
        if let (Some(mirrors), Some(body)) = (mirrors, body.whole()) {
            mirrors.send(context, &active, &body);
        }
        let Answered {
            lease,
            response,
            bounds,
        } = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(unanswered)) => return self.unanswered(record, plan, unanswered),
            Err(why) => return give(context, record, &Answer::ended(why), ""),
        };
        record.peer = lease.peer().cloned();
        let open = Open {
            context: context.clone(),
            record,
            lease: Some(lease),
            in_flight: exchange.in_flight,
            slot: None,
        };
        let mut response = super::tunnel::pass(response, kind, open, bounds, &exchange.tunnel);
        for edits in &plan.response_edits {
            apply(response.headers_mut(), active.tables.edits(*edits));
        }
        if let Some(cookie) = set_cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        shared(response, plan)
    }

    fn unanswered(&self, record: Box<Record>, plan: &Plan, how: Unanswered) -> Response<Body> {
        let aborted = plan.fault.and_then(|fault| fault.refusal());
        let (answer, flags) = match how {
            Unanswered::NoEndpoint => {
                let refused = self.refuse(record, &Refusal::no_endpoint(plan), "");
                return shared(refused, plan);
            }
            Unanswered::Aborted => match aborted {
                Some(refusal) => return shared(self.refuse(record, &refusal, "FI"), plan),
                None => (Answer::failure(503, "fault", "a fault is injected"), "FI"),
            },
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
        shared(give(&self.context, record, &answer, flags), plan)
    }
}

/// What a rule that answers itself says to scripts of other origins.
fn share_as(
    active: &Active,
    rule: RuleIndex,
    head: &request::Parts,
    response: &mut Response<Body>,
) {
    if let Some(fields) = active.tables.cors(rule, &Fields(&head.headers)) {
        share(response.headers_mut(), &fields);
    }
}

/// What the plan says to scripts of other origins, whoever gave the answer.
fn shared(mut response: Response<Body>, plan: &Plan) -> Response<Body> {
    if let Some(fields) = &plan.cors {
        share(response.headers_mut(), fields);
    }
    response
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
