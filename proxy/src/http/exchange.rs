use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use http::{Request, Response, request};
use hyper::body::Incoming;
use mesh_decide::{Again, Candidates, Draw, EndpointView, Failure, Plan, again, pick};
use mesh_ir::{RetryOn, Tick};
use smallvec::SmallVec;

use super::attempt::{Elapsed, Failed, RequestBody, attempt, within};
use super::body::{Bounds, grpc_status};
use super::forward;
use crate::active::Active;
use crate::context::Context;
use crate::endpoints::Target;
use crate::outlier::{Came, Group};
use crate::pool::{self, Destination, HttpVersion, Lease, Pool, Secure};

/// How long an idle connection to another proxy is kept: well below what that
/// proxy waits before it closes.
const KEEP: Duration = Duration::from_mins(1);

/// What is sent, and how.
pub(super) struct Outgoing {
    pub plan: Plan,
    pub version: HttpVersion,
    /// See [`may_repeat`].
    pub keeps: bool,
    /// Where the service that takes it balances by a key.
    pub key: Option<Draw>,
}

/// An answer whose head is here.
pub(super) struct Answered {
    pub lease: Lease,
    pub response: Response<Incoming>,
    pub bounds: Bounds,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// Nothing can take it.
    NoEndpoint,
    /// No connection could be opened.
    Connect,
    /// The endpoint did not process it.
    Refused,
    /// The connection or stream ended.
    Reset,
    /// It took too long.
    Timeout,
    /// An intent asks for it.
    Aborted,
}

/// Whether head and body must be kept while they are sent: only where a condition
/// may hold after something was written. What was not written comes back by itself.
pub(super) fn may_repeat(active: &Active, plan: &Plan, version: HttpVersion) -> bool {
    let policy = active.tables.retry_policy(plan.retries);
    plan.attempts > 0
        && policy.on.iter().any(|on| match on {
            RetryOn::RefusedStream => version == HttpVersion::H2,
            on => !on.is_always_safe(),
        })
}

/// Sends a request to endpoints of its service, one after the other, as its plan says.
pub(super) async fn run(
    context: &Context,
    active: &Active,
    outgoing: &Outgoing,
    began: Instant,
    head: request::Parts,
    body: &mut RequestBody,
) -> Result<Answered, Unanswered> {
    let plan = &outgoing.plan;
    active.state.began(plan, context.clock.now());
    let mut attempts = Attempts {
        context,
        active,
        outgoing,
        deadline: plan.timeout.map(|timeout| began + timeout),
        tried: SmallVec::new(),
        retried: 0,
    };
    let method = head.method.clone();
    let first = body.outgoing().ok_or(Unanswered::Reset)?;
    let (mut request, kept) = if outgoing.keeps {
        (forward::copy(&head, first), Some(head))
    } else {
        (Request::from_parts(head, first), None)
    };
    loop {
        let (failure, unsent) = match attempts.once(request, body).await? {
            Ok((lease, response)) => match attempts.objection(&response) {
                Some(failure)
                    if kept.is_some()
                        && body.is_whole()
                        && attempts.again(method.as_str(), failure).await =>
                {
                    (failure, None)
                }
                _ => return Ok(attempts.answered(lease, response)),
            },
            Err(failed) => {
                let possible = failed.request.is_some() || (kept.is_some() && body.is_whole());
                if !possible || !attempts.again(method.as_str(), failed.failure).await {
                    return Err(unanswered(failed.failure));
                }
                (failed.failure, failed.request)
            }
        };
        request = match (unsent, &kept) {
            (Some(unsent), _) => *unsent,
            (None, Some(head)) => forward::copy(head, body.outgoing().ok_or(unanswered(failure))?),
            (None, None) => return Err(unanswered(failure)),
        };
    }
}

struct Attempts<'a> {
    context: &'a Context,
    active: &'a Active,
    outgoing: &'a Outgoing,
    deadline: Option<Instant>,
    tried: SmallVec<[usize; 4]>,
    retried: u32,
}

impl Attempts<'_> {
    /// One attempt at one endpoint.
    async fn once(
        &mut self,
        request: Request<pool::Outgoing>,
        body: &RequestBody,
    ) -> Result<Result<(Lease, Response<Incoming>), Failed>, Unanswered> {
        let plan = &self.outgoing.plan;
        let (at, address) = self.pick().ok_or(Unanswered::NoEndpoint)?;
        let service = self.active.tables.service(plan.service);
        let keep = plan.idle_timeout.map_or(KEEP, |idle| KEEP.min(idle / 2));
        let to = Destination {
            address,
            version: self.outgoing.version,
            secure: Some(Secure {
                identity: &self.active.identity,
                accept: &service.accounts,
            }),
            connect_timeout: plan.connect_timeout,
            keep,
        };
        let now = Instant::now();
        let one = plan.per_try_timeout.map(|timeout| now + timeout);
        let until = self.deadline.into_iter().chain(one).min();
        let sent = pin!(attempt(&self.context.pool, &to, request));
        let progress = body.progress.as_deref();
        let bounds = (until, plan.stream_idle_timeout);
        let sent = within(&self.context.alarms, now, bounds, progress, sent).await;
        self.watch(at, &sent);
        match sent {
            Ok(sent) => Ok(sent),
            Err(Elapsed) if self.is_over() => Err(Unanswered::Timeout),
            Err(Elapsed) => Ok(Err(Failed {
                failure: Failure::Timeout,
                request: None,
            })),
        }
    }

    /// Notes how an endpoint answered, where somebody watches.
    fn watch(
        &self,
        at: usize,
        sent: &Result<Result<(Lease, Response<Incoming>), Failed>, Elapsed>,
    ) {
        let plan = &self.outgoing.plan;
        let Some(group) = self.active.outliers.group(plan.service, plan.port) else {
            return;
        };
        let came = match sent {
            Ok(Ok((_, response))) => Came::Status(response.status().as_u16()),
            Ok(Err(failed)) => match failed.failure {
                Failure::Connect => Came::NoConnection,
                // Neither says anything of how the endpoint answers.
                Failure::RefusedStream | Failure::ResetBeforeRequest => return,
                _ => Came::Status(502),
            },
            Err(Elapsed) => Came::Status(504),
        };
        group.note(at, came, self.context.clock.now());
    }

    fn pick(&mut self) -> Option<(usize, SocketAddr)> {
        let plan = &self.outgoing.plan;
        let views = Views::of(self.context, self.active, plan, self.outgoing.version);
        let targets = views.targets;
        let policy = self
            .active
            .tables
            .service(plan.service)
            .load_balancing
            .policy;
        let key = self.outgoing.key;
        let draw = key.unwrap_or_else(|| Draw(rand::random()));
        let at = pick(policy, &views, &self.tried, draw, self.context.turn())?;
        self.tried.push(at);
        Some((at, targets[at].address))
    }

    /// Whether an answer is one after which the plan may try again.
    fn objection(&self, response: &Response<Incoming>) -> Option<Failure> {
        if self.outgoing.plan.attempts == 0 {
            return None;
        }
        match grpc_status(response.headers()) {
            Some(0) => None,
            Some(status) => Some(Failure::Grpc(status)),
            None if response.status().as_u16() >= 400 => {
                Some(Failure::Status(response.status().as_u16()))
            }
            None => None,
        }
    }

    /// Waits, if there is another attempt.
    async fn again(&mut self, method: &str, failure: Failure) -> bool {
        let plan = &self.outgoing.plan;
        let attempt = mesh_decide::Attempt {
            method: method.as_bytes(),
            failure,
            retried: self.retried,
            draw: Draw(rand::random()),
            now: self.context.clock.now(),
        };
        let decided = again(&self.active.tables, &self.active.state, plan, &attempt);
        let Again::Retry { wait } = decided else {
            return false;
        };
        self.retried += 1;
        let late = self
            .deadline
            .is_some_and(|deadline| Instant::now() + wait >= deadline);
        if late {
            return false;
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        true
    }

    fn is_over(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn answered(&self, lease: Lease, response: Response<Incoming>) -> Answered {
        Answered {
            lease,
            response,
            bounds: Bounds {
                deadline: self.deadline,
                idle: self.outgoing.plan.stream_idle_timeout,
            },
        }
    }
}

/// Whether any endpoint can take what a plan sends.
pub(super) fn can_be_taken(context: &Context, active: &Active, plan: &Plan) -> bool {
    let views = Views::of(context, active, plan, HttpVersion::H1);
    let mut all = 0..views.count();
    all.any(|at| views.is_eligible(at) && views.targets[at].weight > 0)
}

/// The targets of a port, as a choice sees them.
struct Views<'a> {
    targets: &'a [Target],
    version: Option<usize>,
    pool: &'a Pool,
    protocol: HttpVersion,
    watch: Option<(&'a Group, Tick)>,
}

impl<'a> Views<'a> {
    fn of(context: &'a Context, active: &'a Active, plan: &Plan, protocol: HttpVersion) -> Self {
        let group = active.outliers.group(plan.service, plan.port);
        Self {
            targets: active.endpoints.targets(plan.service, plan.port),
            version: plan.version.map(mesh_decide::VersionIndex::position),
            pool: &context.pool,
            protocol,
            watch: group.map(|group| (group, context.clock.now())),
        }
    }

    fn is_eligible(&self, at: usize) -> bool {
        let target = &self.targets[at];
        let of_version = self
            .version
            .is_none_or(|version| target.versions.contains(&version));
        let is_out = |(group, now): (&Group, Tick)| group.is_out(at, now);
        target.healthy && of_version && !self.watch.is_some_and(is_out)
    }
}

impl Candidates for Views<'_> {
    fn count(&self) -> usize {
        self.targets.len()
    }

    fn view(&self, at: usize) -> EndpointView {
        let target = &self.targets[at];
        EndpointView {
            eligible: self.is_eligible(at),
            weight: target.weight,
            in_flight: self.pool.in_flight(target.address, self.protocol),
        }
    }

    fn mark(&self, at: usize) -> u64 {
        self.targets[at].mark
    }
}

fn unanswered(failure: Failure) -> Unanswered {
    match failure {
        Failure::Connect => Unanswered::Connect,
        Failure::RefusedStream => Unanswered::Refused,
        Failure::Timeout => Unanswered::Timeout,
        Failure::ResetBeforeRequest | Failure::Reset | Failure::Status(_) | Failure::Grpc(_) => {
            Unanswered::Reset
        }
    }
}
