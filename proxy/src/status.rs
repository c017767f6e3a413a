//! What the parts of the control side tell the admin interface, and nobody else.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shared by the tasks of the control thread. Each field has one writer.
#[derive(Debug, Default)]
pub(crate) struct Status {
    connected: AtomicBool,
    draining: AtomicBool,
    accepted: AtomicU64,
    rejected: AtomicU64,
    received: AtomicU64,
    accept_errors: AtomicU64,
    renewals: AtomicU64,
    renewal_failures: AtomicU64,
    last_refusal: Mutex<Option<Vec<String>>>,
    listeners: Mutex<BTreeMap<SocketAddr, ListenerStatus>>,
}

/// How a listening socket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenerStatus {
    /// It takes connections.
    Bound,
    /// It could not be opened and is tried again; why.
    Failing(String),
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Bundles put into effect.
    pub(crate) accepted: u64,
    /// Bundles refused.
    pub(crate) rejected: u64,
    /// Resources that the operator sent.
    pub(crate) received: u64,
    /// Connections that could not be accepted.
    pub(crate) accept_errors: u64,
    /// Certificates obtained.
    pub(crate) renewals: u64,
    /// Attempts at a certificate that failed.
    pub(crate) renewal_failures: u64,
}

impl Status {
    /// A stream to the operator is open, or no longer.
    pub(crate) fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// Whether a stream to the operator is open.
    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// The proxy is going to end.
    pub(crate) fn set_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the proxy is going to end.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// The operator sent this many resources.
    pub(crate) fn received(&self, resources: usize) {
        let resources = u64::try_from(resources).unwrap_or(u64::MAX);
        self.received.fetch_add(resources, Ordering::Relaxed);
    }

    /// A bundle is in effect.
    pub(crate) fn bundle_accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        *lock(&self.last_refusal) = None;
    }

    /// A bundle or a resource was refused, for these reasons.
    pub(crate) fn refused(&self, reasons: Vec<String>) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
        *lock(&self.last_refusal) = Some(reasons);
    }

    /// Why the newest bundle was refused; `None` if it is in effect.
    pub(crate) fn last_refusal(&self) -> Option<Vec<String>> {
        lock(&self.last_refusal).clone()
    }

    /// A connection could not be accepted.
    pub(crate) fn accept_failed(&self) {
        self.accept_errors.fetch_add(1, Ordering::Relaxed);
    }

    /// A certificate was obtained.
    pub(crate) fn renewed(&self) {
        self.renewals.fetch_add(1, Ordering::Relaxed);
    }

    /// A certificate was not obtained.
    pub(crate) fn renewal_failed(&self) {
        self.renewal_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters.
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            accepted: read(&self.accepted),
            rejected: read(&self.rejected),
            received: read(&self.received),
            accept_errors: read(&self.accept_errors),
            renewals: read(&self.renewals),
            renewal_failures: read(&self.renewal_failures),
        }
    }

    /// How a listener is from now on; `None` when it is gone.
    pub(crate) fn set_listener(&self, address: SocketAddr, status: Option<ListenerStatus>) {
        let mut listeners = lock(&self.listeners);
        match status {
            Some(status) => listeners.insert(address, status),
            None => listeners.remove(&address),
        };
    }

    /// Every listener that should be open.
    pub(crate) fn listeners(&self) -> BTreeMap<SocketAddr, ListenerStatus> {
        lock(&self.listeners).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
