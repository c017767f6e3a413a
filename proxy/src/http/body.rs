use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Sleep;

use super::life::InFlight;
use crate::capacity::Slot;
use crate::context::Context;
use crate::pool::Lease;
use crate::reserved;
use crate::telemetry::Record;

/// The body of a response on its way to the client.
pub(crate) enum Body {
    /// None.
    Empty,
    /// Written by this proxy.
    Full(Bytes),
    /// What the upstream sends, as it comes.
    Relay(Box<Relay>),
}

/// A response body passed through; its end is the end of the exchange.
pub(crate) struct Relay {
    incoming: Incoming,
    open: Option<Open>,
    bounds: Bounds,
    sleep: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

/// How long a response may take from its head to its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    /// The whole exchange ends here.
    pub deadline: Option<Instant>,
    /// Without a byte.
    pub idle: Option<Duration>,
}

/// An exchange that is not over.
pub(super) struct Open {
    pub context: Rc<Context>,
    pub record: Box<Record>,
    pub lease: Option<Lease>,
    pub in_flight: InFlight,
    /// Inbound: its place among what the application takes, where that is bounded.
    pub slot: Option<Slot>,
}

/// Why a body ends before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    /// The upstream broke off.
    #[error("the upstream ended the response early")]
    Upstream(#[source] hyper::Error),
    /// It must end; its record says why.
    #[error("the exchange was ended")]
    Ended,
    /// Nothing came for too long, or it all took too long.
    #[error("the response took too long")]
    Timeout,
}

impl Open {
    /// The response was passed on to its end.
    fn complete(mut self) {
        let now = Instant::now();
        if let Some(lease) = self.lease.take() {
            lease.give_back(now);
        }
        // Whoever waits for the place finds the connection kept.
        drop(self.slot.take());
        let (log, metrics) = (&self.context.log, &self.context.metrics);
        self.record.finish_at(now, log, metrics);
        self.in_flight.end(now);
    }

    /// It was not, and the client has had no head; the upstream connection goes with it.
    pub(super) fn cut(mut self, status: u16, reason: &'static str, flags: &'static str) {
        self.record.outcome.status = status;
        self.broken(reason, flags);
    }

    /// It was not, and the client has had the head.
    fn broken(mut self, reason: &'static str, flags: &'static str) {
        self.record.outcome.flags = flags;
        self.end(Some(reason));
    }

    /// What it must end for, if it must.
    fn ended(&self) -> Option<&'static str> {
        self.in_flight.standing()?.ending.why()
    }

    /// It is over, and nothing of it is of use any more.
    pub(super) fn end(mut self, reason: Option<&'static str>) {
        self.record.outcome.reason = reason;
        self.record.finish(&self.context.log, &self.context.metrics);
    }
}

impl Body {
    /// Passes an upstream's body on.
    pub(super) fn relay(incoming: Incoming, open: Open, bounds: Bounds) -> Self {
        if incoming.is_end_stream() {
            open.complete();
            return Self::Empty;
        }
        if let Some(standing) = open.in_flight.standing() {
            standing.relays();
        }
        Self::Relay(Box::new(Relay {
            incoming,
            open: Some(open),
            bounds,
            sleep: None,
            armed: false,
        }))
    }
}

impl Relay {
    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(why) = self.open.as_ref().and_then(Open::ended) {
            return self.end(why);
        }
        match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Pending => {
                if let Some(standing) = self.open.as_ref().and_then(|it| it.in_flight.standing()) {
                    standing.ending.poll(cx);
                }
                self.poll_timeout(cx)
            }
            Poll::Ready(None) => {
                self.complete();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                if let Some(open) = self.open.take() {
                    open.broken("upstream-reset", "UC");
                }
                Poll::Ready(Some(Err(Cut::Upstream(error))))
            }
            Poll::Ready(Some(Ok(mut frame))) => {
                self.armed = false;
                if let Some(trailers) = frame.trailers_mut() {
                    reserved::strip_trailers(trailers);
                }
                self.count(&frame);
                if self.incoming.is_end_stream() {
                    self.complete();
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    fn end(&mut self, why: &'static str) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(open) = self.open.take() {
            open.broken(why, "");
        }
        Poll::Ready(Some(Err(Cut::Ended)))
    }

    fn complete(&mut self) {
        if let Some(open) = self.open.take() {
            open.complete();
        }
    }

    fn count(&mut self, frame: &Frame<Bytes>) {
        let Some(open) = &mut self.open else { return };
        if let Some(data) = frame.data_ref() {
            open.record.sent += data.len() as u64;
        } else if let Some(trailers) = frame.trailers_ref() {
            open.record.outcome.grpc = grpc_status(trailers).or(open.record.outcome.grpc);
        }
    }

    fn poll_timeout(
        &mut self,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if !self.armed {
            let idle = self.bounds.idle.map(|bound| Instant::now() + bound);
            let Some(until) = self.bounds.deadline.into_iter().chain(idle).min() else {
                return Poll::Pending;
            };
            match &mut self.sleep {
                Some(sleep) => sleep.as_mut().reset(until.into()),
                none => *none = Some(Box::pin(tokio::time::sleep_until(until.into()))),
            }
            self.armed = true;
        }
        match self.sleep.as_mut().map(|sleep| sleep.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => {
                if let Some(open) = self.open.take() {
                    open.broken("timeout", "UT");
                }
                Poll::Ready(Some(Err(Cut::Timeout)))
            }
            _ => Poll::Pending,
        }
    }
}

/// The client is gone, or hyper saw the end before we did.
impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            if self.incoming.is_end_stream() {
                open.complete();
            } else if let Some(why) = open.ended() {
                open.broken(why, "");
            } else {
                open.broken("client-gone", "DC");
            }
        }
    }
}

/// `grpc-status` of a head or of trailers.
pub(super) fn grpc_status(headers: &HeaderMap) -> Option<u8> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Full(_) => {
                let full = std::mem::replace(&mut *self, Self::Empty);
                let Self::Full(bytes) = full else {
                    return Poll::Ready(None);
                };
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Relay(relay) => relay.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(_) => false,
            Self::Relay(relay) => relay.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Relay(relay) => relay.incoming.size_hint(),
        }
    }
}
