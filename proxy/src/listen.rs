//! Listening sockets: opened and closed as the listeners of the workload change,
//! without disturbing the others.

mod accept;
mod wanted;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use mesh_ir::Listeners;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::active::ListenerRole;
use crate::status::Status;
use crate::worker::WorkerHandle;
use accept::Acceptor;
use wanted::describe;

pub(crate) use wanted::{Clash, wanted};

/// Opens and closes sockets until it is stopped.
pub(crate) struct ListenerSet {
    workers: Arc<Vec<WorkerHandle>>,
    status: Arc<Status>,
    ceiling: usize,
    open: BTreeMap<SocketAddr, Open>,
    tasks: TaskTracker,
}

struct Open {
    role: Arc<ArcSwap<ListenerRole>>,
    stop: CancellationToken,
}

impl ListenerSet {
    /// `ceiling` is how many connections all workers together may have.
    pub(crate) fn new(
        workers: Arc<Vec<WorkerHandle>>,
        status: Arc<Status>,
        ceiling: usize,
    ) -> Self {
        Self {
            workers,
            status,
            ceiling,
            open: BTreeMap::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Follows the listeners of the workload until `stop`, then closes them all.
    ///
    /// Returns when each socket has handed on what waited in its queue.
    pub(crate) async fn run(
        mut self,
        mut listeners: watch::Receiver<Option<Listeners>>,
        stop: CancellationToken,
    ) {
        loop {
            let now = listeners.borrow_and_update().clone();
            self.apply(now.as_ref().map(wanted).unwrap_or_default());
            tokio::select! {
                changed = listeners.changed() => if changed.is_err() { break },
                () = stop.cancelled() => break,
            }
        }
        self.apply(BTreeMap::new());
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn apply(&mut self, mut wanted: BTreeMap<SocketAddr, ListenerRole>) {
        let status = &self.status;
        self.open.retain(|address, open| {
            let Some(role) = wanted.remove(address) else {
                tracing::info!(%address, "listener closed");
                open.stop.cancel();
                status.set_listener(*address, None);
                return false;
            };
            if **open.role.load() != role {
                tracing::info!(%address, role = describe(&role), "listener changed");
                open.role.store(Arc::new(role));
            }
            true
        });
        for (address, role) in wanted {
            let open = Open {
                role: Arc::new(ArcSwap::from_pointee(role)),
                stop: CancellationToken::new(),
            };
            let acceptor = Acceptor {
                address,
                role: Arc::clone(&open.role),
                workers: Arc::clone(&self.workers),
                status: Arc::clone(&self.status),
                ceiling: self.ceiling,
                stop: open.stop.clone(),
            };
            self.tasks.spawn(acceptor.run());
            self.open.insert(address, open);
        }
    }
}
