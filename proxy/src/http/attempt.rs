use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use mesh_decide::Failure;

use crate::alarm::Alarms;
use crate::pool::{Destination, Kept, Lease, Outgoing, Pool, Progress, Replay, SendError};

/// Kept connections found dead in a row before the destination is.
const MAX_STALE: usize = 32;

/// An attempt without an answer.
pub(super) struct Failed {
    /// How.
    pub failure: Failure,
    /// The request, where nothing of it was written.
    pub request: Option<Box<Request<Outgoing>>>,
}

/// The body of a request, for as many attempts as it can serve.
pub(super) struct RequestBody {
    kind: Kind,
    /// How far it has come; `None` where there is none.
    pub progress: Option<Rc<Progress>>,
}

enum Kind {
    Empty,
    Once(Option<Incoming>),
    Replay(Replay),
    Kept(Option<Kept>),
}

impl RequestBody {
    /// `again` keeps what is read, as long as it is small, for another attempt.
    pub(super) fn new(incoming: Incoming, again: bool) -> Self {
        if incoming.is_end_stream() {
            return Self {
                kind: Kind::Empty,
                progress: None,
            };
        }
        let kind = if again {
            Kind::Replay(Replay::new(incoming))
        } else {
            Kind::Once(Some(incoming))
        };
        Self {
            kind,
            progress: Some(Progress::new()),
        }
    }

    /// A body that was read before, to be sent once.
    pub(super) fn kept(kept: Kept) -> Self {
        Self {
            kind: Kind::Kept(Some(kept)),
            progress: None,
        }
    }

    /// All of it, where it was kept and read to its end.
    pub(super) fn whole(&self) -> Option<Kept> {
        match &self.kind {
            Kind::Empty => Some(Kept::default()),
            Kind::Replay(replay) => replay.kept(),
            Kind::Once(_) | Kind::Kept(_) => None,
        }
    }

    /// The body for the next attempt; `None` where it cannot be sent from its beginning.
    pub(super) fn outgoing(&mut self) -> Option<Outgoing> {
        let progress = || self.progress.clone().unwrap_or_else(Progress::new);
        match &mut self.kind {
            Kind::Empty => Some(Outgoing::empty()),
            Kind::Once(incoming) => Some(Outgoing::once(incoming.take()?, progress())),
            Kind::Replay(replay) => replay
                .is_whole()
                .then(|| Outgoing::replay(replay, progress())),
            Kind::Kept(kept) => Some(Outgoing::kept(kept.take()?)),
        }
    }

    /// Whether [`Self::outgoing`] would give one.
    pub(super) fn is_whole(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Once(incoming) => incoming.is_some(),
            Kind::Replay(replay) => replay.is_whole(),
            Kind::Kept(kept) => kept.is_some(),
        }
    }

    /// Bytes passed on so far.
    pub(super) fn sent(&self) -> u64 {
        self.progress.as_ref().map_or(0, |it| it.bytes.get())
    }
}

/// Sends a request and waits for the head of the answer. A kept connection that
/// turns out dead before anything was written on it is replaced by another.
pub(super) async fn attempt(
    pool: &Pool,
    to: &Destination<'_>,
    mut request: Request<Outgoing>,
) -> Result<(Lease, Response<Incoming>), Failed> {
    for _ in 0..MAX_STALE {
        let mut lease = match pool.lease(to).await {
            Ok(lease) => lease,
            Err(error) => {
                tracing::debug!(%error, cause = ?std::error::Error::source(&error), "no upstream connection");
                return Err(Failed {
                    failure: Failure::Connect,
                    request: Some(Box::new(request)),
                });
            }
        };
        match lease.send(request).await {
            Ok(response) => return Ok((lease, response)),
            Err(SendError::Unsent(back)) if lease.is_reused() => request = *back,
            Err(SendError::Unsent(back)) => {
                request = *back;
                break;
            }
            Err(SendError::Refused) => return Err(without_request(Failure::RefusedStream)),
            Err(SendError::Reset) => return Err(without_request(Failure::Reset)),
        }
    }
    Err(Failed {
        failure: Failure::ResetBeforeRequest,
        request: Some(Box::new(request)),
    })
}

fn without_request(failure: Failure) -> Failed {
    Failed {
        failure,
        request: None,
    }
}

/// It took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Elapsed;

/// Waits at most until `deadline`, and at most `idle` without a byte of the body
/// going on.
pub(super) async fn within<F: Future>(
    alarms: &Alarms,
    now: Instant,
    (deadline, idle): (Option<Instant>, Option<Duration>),
    progress: Option<&Progress>,
    mut future: Pin<&mut F>,
) -> Result<F::Output, Elapsed> {
    let mut last = now;
    loop {
        let quiet = idle.map(|bound| last + bound);
        let Some(until) = deadline.into_iter().chain(quiet).min() else {
            return Ok(future.await);
        };
        if let Some(output) = alarms.until(until, future.as_mut()).await {
            return Ok(output);
        }
        let moved = progress.map(|it| it.last.get()).filter(|it| *it > last);
        match moved {
            Some(moved) if deadline.is_none_or(|deadline| deadline > until) => last = moved,
            _ => return Err(Elapsed),
        }
    }
}
