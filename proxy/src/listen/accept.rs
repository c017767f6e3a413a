use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::wanted::describe;
use crate::active::ListenerRole;
use crate::status::{ListenerStatus, Status};
use crate::worker::WorkerHandle;

/// Connections that may wait in the kernel.
const BACKLOG: u32 = 1024;
/// Between attempts to open a socket.
const RETRY: Duration = Duration::from_millis(500);
/// After an error of `accept` that will not go away by itself, as no free descriptor.
const PAUSE: Duration = Duration::from_millis(50);
/// Between looks at whether there is room for another connection.
const CROWDED: Duration = Duration::from_millis(10);

/// One listening socket.
pub(super) struct Acceptor {
    pub(super) address: SocketAddr,
    pub(super) role: Arc<ArcSwap<ListenerRole>>,
    pub(super) workers: Arc<Vec<WorkerHandle>>,
    pub(super) status: Arc<Status>,
    pub(super) ceiling: usize,
    pub(super) stop: CancellationToken,
}

impl Acceptor {
    /// Opens the socket, again and again if need be, and accepts until it is stopped.
    pub(super) async fn run(self) {
        let stop = self.stop.clone();
        let Some(listener) = stop.run_until_cancelled(self.open()).await else {
            return;
        };
        stop.run_until_cancelled(self.accept(&listener)).await;
        self.sweep(&listener);
    }

    async fn open(&self) -> TcpListener {
        let mut told = false;
        loop {
            match bind(self.address) {
                Ok(listener) => {
                    let role = describe(&self.role.load());
                    tracing::info!(address = %self.address, role, "listening");
                    self.set_status(ListenerStatus::Bound);
                    return listener;
                }
                Err(error) => {
                    if !told {
                        tracing::error!(address = %self.address, %error, "cannot listen; trying again");
                        told = true;
                    }
                    self.set_status(ListenerStatus::Failing(error.to_string()));
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Never ends by itself: no error of one connection, and no lack of
    /// descriptors, closes a listener.
    async fn accept(&self, listener: &TcpListener) {
        loop {
            while self.connections() >= self.ceiling {
                tokio::time::sleep(CROWDED).await;
            }
            match listener.accept().await {
                Ok((stream, peer)) => self.hand_on(stream, peer),
                Err(error) if concerns_one_connection(&error) => self.status.accept_failed(),
                Err(error) => {
                    tracing::warn!(address = %self.address, %error, "cannot accept; waiting");
                    self.status.accept_failed();
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Takes what waits in the kernel's queue, which closing the socket would reset.
    fn sweep(&self, listener: &TcpListener) {
        while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
            self.hand_on(stream, peer);
        }
    }

    fn hand_on(&self, stream: TcpStream, peer: SocketAddr) {
        let stream = stream.set_nodelay(true).and_then(|()| stream.into_std());
        let fewest = self
            .workers
            .iter()
            .min_by_key(|worker| worker.connections());
        match (stream, fewest) {
            (Ok(stream), Some(worker)) => {
                worker.dispatch(stream, peer, self.role.load_full());
            }
            (Err(_), _) | (_, None) => self.status.accept_failed(),
        }
    }

    fn connections(&self) -> usize {
        self.workers.iter().map(WorkerHandle::connections).sum()
    }

    fn set_status(&self, status: ListenerStatus) {
        if !self.stop.is_cancelled() {
            self.status.set_listener(self.address, Some(status));
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
