//! The admin interface: loopback only, read only, without secrets.
//!
//! `/live`, `/ready`, `/metrics` (Prometheus text) and `/config` (JSON).

mod answer;
mod dump;
mod metrics;
mod ready;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mesh_ir::Listeners;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::publish::{InEffect, Publisher};
use crate::status::Status;

/// Connections at a time; scrapers and people need few.
const MAX_CONNECTIONS: usize = 32;
/// Until a request's head is there.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection ends after this, idle or not.
const LIFETIME: Duration = Duration::from_mins(1);
/// Between attempts to open the socket, and after an error of `accept`.
const RETRY: Duration = Duration::from_millis(500);

/// What the admin interface can see.
pub(crate) struct Admin {
    /// `namespace/name`.
    pub(crate) workload: String,
    /// From the command line; else the inventory names the address.
    pub(crate) address: Option<SocketAddr>,
    /// For counters.
    pub(crate) publisher: Arc<Publisher>,
    /// The bundle in effect.
    pub(crate) in_effect: watch::Receiver<Option<InEffect>>,
    /// Where to listen.
    pub(crate) listeners: watch::Receiver<Option<Listeners>>,
    /// How the rest is.
    pub(crate) status: Arc<Status>,
}

impl Admin {
    /// Serves at the address of the moment. Never ends by itself.
    pub(crate) async fn run(self) {
        let admin = Arc::new(self);
        let mut listeners = admin.listeners.clone();
        loop {
            let address = {
                let fact = listeners.borrow_and_update();
                admin
                    .address
                    .or_else(|| fact.as_ref().and_then(|it| it.admin))
            };
            let serve = async {
                match address {
                    Some(address) => admin.serve(address).await,
                    None => std::future::pending().await,
                }
            };
            tokio::pin!(serve);
            loop {
                tokio::select! {
                    () = &mut serve => {}
                    changed = listeners.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let next = listeners.borrow().as_ref().and_then(|it| it.admin);
                        if admin.address.or(next) != address {
                            break;
                        }
                    }
                }
            }
        }
    }

    async fn serve(self: &Arc<Self>, address: SocketAddr) {
        let listener = open(address).await;
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let admin = Arc::clone(self);
                    tokio::spawn(async move {
                        admin.connection(stream).await;
                        drop(permit);
                    });
                }
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(move |request| {
            let admin = Arc::clone(&self);
            async move { Ok::<_, std::convert::Infallible>(admin.answer(&request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        // A client that goes away is no event.
        let _ = tokio::time::timeout(LIFETIME, connection).await;
    }
}

async fn open(address: SocketAddr) -> TcpListener {
    let mut told = false;
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                tracing::info!(%address, "admin interface");
                return listener;
            }
            Err(error) if !told => {
                tracing::error!(%address, %error, "cannot open the admin interface; trying again");
                told = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(RETRY).await;
    }
}
