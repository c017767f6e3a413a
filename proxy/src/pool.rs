//! Upstream connections of one worker: opened, kept while they are of use, and
//! never lent with anything unread on them.

mod connect;
mod host;
mod lease;
mod outgoing;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mesh_identity::SpiffeId;

use crate::tls::TlsIdentity;

pub(crate) use self::connect::{ConnectError, LocalExecutor, connect_plain, connect_tls};
use self::host::Host;
pub(crate) use self::lease::{Lease, SendError};
pub(crate) use self::outgoing::{Kept, Outgoing, Progress, Replay};

/// Idle HTTP/1.1 connections kept to one destination.
const MAX_IDLE: usize = 256;
/// Streams on one HTTP/2 connection, whatever more the peer would take.
pub(crate) const MAX_STREAMS: usize = 100;

/// What is spoken to an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HttpVersion {
    /// HTTP/1.1.
    H1,
    /// HTTP/2: by ALPN over TLS, by prior knowledge without.
    H2,
}

/// Where a request goes, and how it may get there.
pub(crate) struct Destination<'a> {
    /// The socket.
    pub address: SocketAddr,
    /// What is spoken there.
    pub version: HttpVersion,
    /// mTLS and who must answer; `None` is plain text (the application on loopback).
    pub secure: Option<Secure<'a>>,
    /// Until the connection is open and its handshake done.
    pub connect_timeout: Duration,
    /// How long a connection is kept without a request.
    pub keep: Duration,
}

/// Who we are to an upstream, and whom we accept.
#[derive(Clone, Copy)]
pub(crate) struct Secure<'a> {
    /// Our certificate and roots.
    pub identity: &'a TlsIdentity,
    /// One of these must answer. Sorted.
    pub accept: &'a [SpiffeId],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    address: SocketAddr,
    version: HttpVersion,
    secure: bool,
}

/// The upstream connections of one worker.
#[derive(Default)]
pub(crate) struct Pool {
    hosts: RefCell<BTreeMap<Key, Rc<Host>>>,
}

impl Pool {
    /// A connection that can take a request now: a kept one, or a new one.
    pub(crate) async fn lease(&self, to: &Destination<'_>) -> Result<Lease, ConnectError> {
        let host = self.host(Key {
            address: to.address,
            version: to.version,
            secure: to.secure.is_some(),
        });
        match to.version {
            HttpVersion::H1 => host.lease_h1(to).await,
            HttpVersion::H2 => host.lease_h2(to).await,
        }
    }

    /// Requests that this worker has on the way to an address.
    pub(crate) fn in_flight(&self, address: SocketAddr, version: HttpVersion) -> u32 {
        let key = Key {
            address,
            version,
            secure: true,
        };
        self.hosts
            .borrow()
            .get(&key)
            .map_or(0, |host| host.in_flight.get())
    }

    /// Closes what was kept too long; forgets destinations without a connection.
    pub(crate) fn reap(&self, now: Instant) {
        self.hosts
            .borrow_mut()
            .retain(|_, host| host.reap(now) || Rc::strong_count(host) > 1);
    }

    fn host(&self, key: Key) -> Rc<Host> {
        if let Some(host) = self.hosts.borrow().get(&key) {
            return host.clone();
        }
        let host = Rc::new(Host::default());
        self.hosts.borrow_mut().insert(key, host.clone());
        host
    }
}
