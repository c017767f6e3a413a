use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use mesh_decide::Moment;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::standing::Standing;
use crate::active::Active;
use crate::context::{REVOKED, Supervised};
use crate::gather;

/// From the first byte of a request to the end of its head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle HTTP/1.1 connection is left to hear of the drain in an answer:
/// closing it at once would race with a request that is already under way.
const LINGER: Duration = Duration::from_secs(1);

/// What a connection's task is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Finish what runs, take nothing more.
    Finish,
    /// End now.
    Abort,
}

/// The state of one downstream connection, seen from its task and from outside.
pub(super) struct Life {
    in_flight: Cell<u32>,
    /// Those in flight that were let through.
    standing: RefCell<Vec<Rc<Standing>>>,
    head_since: Cell<Option<Instant>>,
    idle_since: Cell<Option<Instant>>,
    idle_timeout: Cell<Option<Duration>>,
    draining_since: Cell<Option<Instant>>,
    wish: Cell<Option<Wish>>,
    waker: RefCell<Option<Waker>>,
    /// HTTP/2 is asked to finish at once: GOAWAY loses nothing.
    multiplexed: bool,
}

impl Life {
    pub(super) fn new(multiplexed: bool, idle_timeout: Option<Duration>) -> Self {
        Self {
            in_flight: Cell::new(0),
            standing: RefCell::default(),
            head_since: Cell::new(None),
            idle_since: Cell::new(Some(Instant::now())),
            idle_timeout: Cell::new(idle_timeout),
            draining_since: Cell::new(None),
            wish: Cell::new(None),
            waker: RefCell::new(None),
            multiplexed,
        }
    }

    /// A request's head was read. Ends with the guard.
    pub(super) fn request(self: &Rc<Self>) -> InFlight {
        self.in_flight.set(self.in_flight.get() + 1);
        self.head_since.set(None);
        self.idle_since.set(None);
        InFlight {
            life: Some(self.clone()),
            standing: None,
        }
    }

    fn answered(&self, standing: Option<Rc<Standing>>, now: Instant) {
        if let Some(standing) = standing {
            let mut all = self.standing.borrow_mut();
            let at = all.iter().position(|it| Rc::ptr_eq(it, &standing));
            at.map(|at| all.swap_remove(at));
        }
        let left = self.in_flight.get() - 1;
        self.in_flight.set(left);
        if left == 0 {
            self.idle_since.set(Some(now));
        }
    }

    /// What is wished now; the task is woken when that changes.
    pub(super) fn poll_wish(&self, cx: &TaskContext<'_>) -> Option<Wish> {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        self.wish.take()
    }

    fn ask(&self, wish: Wish) {
        self.wish.set(Some(wish));
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    fn heard(&self) {
        if !self.multiplexed && self.in_flight.get() == 0 && self.head_since.get().is_none() {
            self.head_since.set(Some(Instant::now()));
        }
    }
}

impl Supervised for Life {
    fn tick(&self, now: Instant) {
        let passed = |since: Option<Instant>, bound: Duration| {
            since.is_some_and(|since| now.saturating_duration_since(since) >= bound)
        };
        if passed(self.head_since.get(), HEAD_TIMEOUT) {
            self.ask(Wish::Abort);
        } else if self.in_flight.get() == 0 {
            let idle = self.idle_timeout.get();
            if idle.is_some_and(|bound| passed(self.idle_since.get(), bound))
                || passed(self.draining_since.get(), LINGER)
            {
                self.ask(Wish::Finish);
            }
        }
    }

    /// An HTTP/1.1 connection whose answer has begun carries nothing else, and a
    /// client that does not read would keep its body from being asked; it goes as
    /// a whole. A stream of HTTP/2 that waits for its client ends when it would go on.
    fn judge(&self, active: &Active, moment: Moment) {
        for standing in self.standing.borrow().iter() {
            if !standing.is_permitted(active, moment) {
                standing.ending.end(REVOKED);
                if standing.is_relaying() && !self.multiplexed {
                    self.ask(Wish::Abort);
                }
            }
        }
    }

    fn drain(&self) {
        self.draining_since.set(Some(Instant::now()));
        if self.multiplexed || self.in_flight.get() > 0 {
            self.ask(Wish::Finish);
        }
    }

    fn abort(&self) {
        for standing in self.standing.borrow().iter() {
            standing.ending.end("drained");
        }
        self.ask(Wish::Abort);
    }
}

/// A request is being answered.
pub(super) struct InFlight {
    life: Option<Rc<Life>>,
    standing: Option<Rc<Standing>>,
}

impl InFlight {
    /// It was let through; from now on it is judged again whenever decisions change.
    pub(super) fn stand(&mut self, standing: Rc<Standing>) {
        if let Some(life) = &self.life {
            life.standing.borrow_mut().push(standing.clone());
        }
        self.standing = Some(standing);
    }

    /// What [`Self::stand`] was told.
    pub(super) fn standing(&self) -> Option<&Standing> {
        self.standing.as_deref()
    }

    /// It was, as of now; dropping it reads the clock.
    pub(super) fn end(mut self, now: Instant) {
        self.leave(|| now);
    }

    fn leave(&mut self, now: impl FnOnce() -> Instant) {
        if let Some(life) = self.life.take() {
            life.answered(self.standing.take(), now());
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.leave(Instant::now);
    }
}

/// A socket whose first bytes may have been read before, and that tells its
/// [`Life`] when a head begins.
pub(super) struct Watched<S> {
    io: S,
    before: Bytes,
    life: Rc<Life>,
}

impl<S> Watched<S> {
    pub(super) fn new(io: S, before: Bytes, life: Rc<Life>) -> Self {
        Self { io, before, life }
    }

    pub(super) fn into_inner(self) -> S {
        self.io
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let filled = buf.filled().len();
        let polled = if self.before.is_empty() {
            Pin::new(&mut self.io).poll_read(cx, buf)
        } else {
            let n = self.before.len().min(buf.remaining());
            buf.put_slice(&self.before[..n]);
            self.before.advance(n);
            Poll::Ready(Ok(()))
        };
        if buf.filled().len() > filled {
            self.life.heard();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        gather::poll_write(Pin::new(&mut self.io), cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish_after(life: &Life, wait: Duration) -> Option<Wish> {
        life.tick(Instant::now() + wait);
        life.wish.take()
    }

    fn idle_for(bound: Duration) -> Rc<Life> {
        Rc::new(Life::new(false, Some(bound)))
    }

    #[test]
    fn a_head_that_never_ends_is_aborted() {
        let life = idle_for(Duration::from_hours(1));
        assert_eq!(wish_after(&life, HEAD_TIMEOUT), None);
        life.heard();
        assert_eq!(wish_after(&life, HEAD_TIMEOUT / 2), None);
        assert_eq!(wish_after(&life, HEAD_TIMEOUT + LINGER), Some(Wish::Abort));
    }

    #[test]
    fn a_request_in_flight_has_no_head_and_is_not_idle() {
        let life = idle_for(Duration::from_secs(1));
        life.heard();
        let request = life.request();
        life.heard();
        assert_eq!(wish_after(&life, Duration::from_hours(1)), None);
        drop(request);
        assert_eq!(
            wish_after(&life, Duration::from_secs(2)),
            Some(Wish::Finish)
        );
    }

    #[test]
    fn a_drain_waits_for_one_more_answer_on_an_idle_connection() {
        let life = idle_for(Duration::from_hours(1));
        life.drain();
        assert_eq!(life.wish.take(), None);
        assert_eq!(wish_after(&life, LINGER * 2), Some(Wish::Finish));
        let busy = idle_for(Duration::from_hours(1));
        let _request = busy.request();
        busy.drain();
        assert_eq!(busy.wish.take(), Some(Wish::Finish));
        let multiplexed = Life::new(true, None);
        multiplexed.drain();
        assert_eq!(multiplexed.wish.take(), Some(Wish::Finish));
    }
}
