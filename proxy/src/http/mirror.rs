use std::rc::Rc;
use std::time::{Duration, Instant};

use http::header::{HeaderName, HeaderValue};
use http::request;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use mesh_decide::Plan;

use super::affinity::affinity;
use super::attempt::RequestBody;
use super::edit::apply;
use super::exchange::{self, Answered, Outgoing};
use super::forward::{translate, version_between};
use super::guard::Head;
use crate::active::Active;
use crate::context::Context;
use crate::honour::refusal_of;
use crate::pool::Kept;

/// Tells a copy from the request itself.
pub(super) const MIRROR: HeaderName = HeaderName::from_static("x-mesh-mirror");

/// How long a copy may take, whatever more its target would be given.
const LONGEST: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read so that its connection can be kept.
const MOST_READ: usize = 256 * 1024;

/// The copies of one request, ready to be sent.
///
/// They leave when the request has its answer, or has none. A body goes along if it is
/// at most 64 KiB and was read to its end by then; a request with another is not copied,
/// and neither is one whose client went away.
pub(super) struct Mirrors(Vec<Copy>);

struct Copy {
    head: request::Parts,
    outgoing: Outgoing,
}

impl Mirrors {
    /// Copies of a request as it was received. `None` where there are none, and for
    /// what has no end that a copy could have.
    pub(super) fn of(
        active: &Active,
        head: &request::Parts,
        kind: Head,
        plans: Vec<Plan>,
    ) -> Option<Self> {
        if plans.is_empty() || kind == Head::WebSocket {
            return None;
        }
        let copies = plans.into_iter().filter(|plan| refusal_of(plan).is_none());
        let copies = copies.filter_map(|plan| copy(active, head, plan));
        Some(Self(copies.collect()))
    }

    /// Sends them beside the request: nothing waits for them, and what the worker has
    /// no room for is left out.
    pub(super) fn send(self, context: &Rc<Context>, active: &Rc<Active>, body: &Kept) {
        for copy in self.0 {
            let Some(place) = context.mirrors.enter() else {
                tracing::debug!("a copy was left out: too many are on their way");
                continue;
            };
            let (context, active, body) = (context.clone(), active.clone(), body.clone());
            tokio::task::spawn_local(async move {
                copy.run(&context, &active, body).await;
                drop(place);
            });
        }
    }
}

fn copy(active: &Active, head: &request::Parts, mut plan: Plan) -> Option<Copy> {
    let version = version_between(active, &plan, head.version);
    let key = affinity(active, &plan, head).map(|it| it.draw);
    let mut head = head.clone();
    for edits in &plan.request_edits {
        apply(&mut head.headers, active.tables.edits(*edits));
    }
    let host = plan.host.as_ref();
    let host = host.and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    translate(&mut head, Head::Plain, version, host, plan.path.as_deref()).ok()?;
    head.headers.insert(MIRROR, HeaderValue::from_static("1"));
    plan.timeout = Some(plan.timeout.map_or(LONGEST, |timeout| timeout.min(LONGEST)));
    let outgoing = Outgoing {
        plan,
        version,
        keeps: false,
        key,
    };
    Some(Copy { head, outgoing })
}

impl Copy {
    async fn run(self, context: &Context, active: &Active, body: Kept) {
        let began = Instant::now();
        let mut body = RequestBody::kept(body);
        let outgoing = &self.outgoing;
        let sent = exchange::run(context, active, outgoing, began, self.head, &mut body).await;
        let Ok(Answered {
            lease,
            response,
            bounds,
        }) = sent
        else {
            return;
        };
        let mut answer = response.into_body();
        let until = bounds.deadline.unwrap_or(began + LONGEST);
        let reads = async {
            let mut read = 0;
            while let Some(Ok(frame)) = answer.frame().await {
                read += frame.data_ref().map_or(0, bytes::Bytes::len);
                if read > MOST_READ {
                    return false;
                }
            }
            answer.is_end_stream()
        };
        if tokio::time::timeout_at(until.into(), reads).await == Ok(true) {
            lease.give_back(Instant::now());
        }
    }
}
