use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use hyper::client::conn::{http1, http2};
use mesh_identity::SpiffeId;
use tokio::sync::Notify;

use super::connect::{ConnectError, open_h1, open_h2};
use super::lease::{Lease, Sender};
use super::{Destination, MAX_IDLE, MAX_STREAMS, Outgoing};

/// The connections to one destination.
#[derive(Default)]
pub(super) struct Host {
    idle: RefCell<Vec<Idle>>,
    shared: RefCell<Vec<Rc<Shared>>>,
    /// HTTP/2 connections being opened; others wait for them rather than open more.
    opening: Cell<usize>,
    opened: Notify,
    /// How many of them took too long.
    late: Cell<u64>,
    pub(super) in_flight: Cell<u32>,
}

/// An HTTP/1.1 connection between requests. Last in, first out: what is not
/// needed gets old and is closed.
struct Idle {
    sender: http1::SendRequest<Outgoing>,
    peer: Option<Rc<SpiffeId>>,
    until: Instant,
}

/// An HTTP/2 connection.
pub(super) struct Shared {
    pub(super) sender: http2::SendRequest<Outgoing>,
    pub(super) peer: Option<Rc<SpiffeId>>,
    pub(super) streams: Cell<usize>,
    pub(super) keep: Duration,
    pub(super) idle_since: Cell<Option<Instant>>,
}

impl Host {
    pub(super) async fn lease_h1(
        self: Rc<Self>,
        to: &Destination<'_>,
    ) -> Result<Lease, ConnectError> {
        if let Some((sender, peer)) = self.take_idle(to) {
            return Ok(Lease::new(self, Sender::H1(sender), peer, true, to.keep));
        }
        // Boxed: the rare path must not make every request's future large.
        let (sender, peer) = Box::pin(open_h1(to)).await?;
        Ok(Lease::new(self, Sender::H1(sender), peer, false, to.keep))
    }

    pub(super) async fn lease_h2(
        self: Rc<Self>,
        to: &Destination<'_>,
    ) -> Result<Lease, ConnectError> {
        loop {
            if let Some(shared) = self.take_shared(to) {
                let peer = shared.peer.clone();
                return Ok(Lease::new(self, Sender::H2(shared), peer, true, to.keep));
            }
            if self.opening.get() == 0 {
                break;
            }
            let late = self.late.get();
            self.opened.notified().await;
            // One after the other, each would wait for its own timeout.
            if self.late.get() != late {
                return Err(ConnectError::AsBefore(to.address));
            }
        }
        let opening = Opening::new(&self);
        let opened = Box::pin(open_h2(to)).await;
        if matches!(opened, Err(ConnectError::Timeout(..))) {
            self.late.set(self.late.get() + 1);
        }
        let (sender, peer) = opened?;
        let shared = Rc::new(Shared {
            sender,
            peer: peer.clone(),
            streams: Cell::new(0),
            keep: to.keep,
            idle_since: Cell::new(None),
        });
        self.shared.borrow_mut().push(shared.clone());
        drop(opening);
        Ok(Lease::new(self, Sender::H2(shared), peer, false, to.keep))
    }

    /// Keeps a connection whose exchange is over, if it can take another.
    pub(super) fn keep(
        &self,
        sender: http1::SendRequest<Outgoing>,
        peer: Option<Rc<SpiffeId>>,
        until: Instant,
    ) {
        let mut idle = self.idle.borrow_mut();
        if !sender.is_closed() && idle.len() < MAX_IDLE {
            idle.push(Idle {
                sender,
                peer,
                until,
            });
        }
    }

    /// Drops what is closed or too old; whether anything is left.
    pub(super) fn reap(&self, now: Instant) -> bool {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|it| it.until > now && !it.sender.is_closed());
        let mut shared = self.shared.borrow_mut();
        shared.retain(|it| {
            let old = it
                .idle_since
                .get()
                .is_some_and(|since| now.saturating_duration_since(since) > it.keep);
            !old && !it.sender.is_closed()
        });
        !idle.is_empty() || !shared.is_empty()
    }

    /// The youngest idle connection that is ready this instant. One that is not
    /// (its request is still being written, or it is closing) is dropped.
    fn take_idle(
        &self,
        to: &Destination<'_>,
    ) -> Option<(http1::SendRequest<Outgoing>, Option<Rc<SpiffeId>>)> {
        loop {
            let mut found = self.idle.borrow_mut().pop()?;
            let ready = matches!(found.sender.ready().now_or_never(), Some(Ok(())));
            if ready && accepted(to, found.peer.as_deref()) {
                return Some((found.sender, found.peer));
            }
        }
    }

    fn take_shared(&self, to: &Destination<'_>) -> Option<Rc<Shared>> {
        let mut shared = self.shared.borrow_mut();
        shared.retain(|it| !it.sender.is_closed() && accepted(to, it.peer.as_deref()));
        shared
            .iter()
            .filter(|it| it.streams.get() < MAX_STREAMS)
            .min_by_key(|it| it.streams.get())
            .cloned()
    }
}

/// Whether the identity that a kept connection proved is still one that may answer.
fn accepted(to: &Destination<'_>, peer: Option<&SpiffeId>) -> bool {
    match (&to.secure, peer) {
        (Some(secure), Some(peer)) => secure.accept.contains(peer),
        (None, None) => true,
        _ => false,
    }
}

/// Counts a connection being opened, also when its opener gives up.
struct Opening<'a> {
    host: &'a Host,
}

impl<'a> Opening<'a> {
    fn new(host: &'a Host) -> Self {
        host.opening.set(host.opening.get() + 1);
        Self { host }
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.host.opening.set(self.host.opening.get() - 1);
        self.host.opened.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::super::{HttpVersion, Pool, connect_plain};
    use super::*;

    #[tokio::test]
    async fn those_who_wait_for_a_connection_share_its_timeout() {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut filling = vec![];
        // Until the kernel answers no more.
        while let Ok(open) = connect_plain(address, Duration::from_millis(100)).await {
            filling.push(open);
        }
        let (pool, to) = (Pool::default(), unreachable(address));
        let all = futures_util::future::join_all((0..8).map(|_| pool.lease(&to))).await;
        let as_before = |it: &&Result<Lease, _>| matches!(it, Err(ConnectError::AsBefore(_)));
        assert_eq!(all.iter().filter(as_before).count(), 7);
    }

    fn unreachable(address: SocketAddr) -> Destination<'static> {
        Destination {
            address,
            version: HttpVersion::H2,
            secure: None,
            connect_timeout: Duration::from_millis(100),
            keep: Duration::ZERO,
        }
    }
}
