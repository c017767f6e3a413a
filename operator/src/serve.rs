//! What proxies talk to: xDS, certificates and reports, over TLS 1.3.
//!
//! A caller is who its certificate says it is. Without one it may ask for a
//! certificate with a join token, and for nothing else. Configuration goes to the
//! identity that the plan names for the workload, so nobody gets another's.

mod configuration;
mod connection;
mod limiter;
mod peer;
mod report;
mod router;
mod sign;
mod tls;
mod view;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ca::Ca;
use crate::observe::Fleet;
use crate::plan::Plan;
use limiter::Limiter;
use tls::Tls;
use view::Views;

/// Connections at one time; more are closed as they come.
const MAX_CONNECTIONS: usize = 20_000;
/// How often the fleet is looked at for drift.
const SWEEP: Duration = Duration::from_secs(1);
/// The wait after a connection could not be accepted (no file descriptors, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long connections may take to end.
const GRACE: Duration = Duration::from_secs(3);

/// What every connection shares.
#[derive(Debug)]
struct Context {
    plan: watch::Receiver<Option<Arc<Plan>>>,
    ca: Arc<Ca>,
    fleet: Arc<Fleet>,
    tls: Tls,
    views: Views,
    signatures: Limiter,
    shutdown: CancellationToken,
}

impl Context {
    /// The plan as it is now.
    fn plan(&self) -> Option<Arc<Plan>> {
        self.plan.borrow().clone()
    }
}

/// Serves until told to stop. No error of a peer or of the system ends it.
pub(crate) async fn serve(
    listener: TcpListener,
    plan: watch::Receiver<Option<Arc<Plan>>>,
    ca: Arc<Ca>,
    fleet: Arc<Fleet>,
    shutdown: CancellationToken,
) {
    let context = Arc::new(Context {
        plan,
        tls: Tls::new(ca.clone()),
        ca,
        fleet,
        views: Views::default(),
        signatures: Limiter::new(sign::BURST, sign::PER_SECOND),
        shutdown: shutdown.clone(),
    });
    let tasks = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = accept(&listener, &context, &places, &tasks) => {}
        () = sweep(&context) => {}
    }
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(left = tasks.len(), "some connections did not end in time");
    }
}

async fn accept(
    listener: &TcpListener,
    context: &Arc<Context>,
    places: &Arc<Semaphore>,
    tasks: &TaskTracker,
) {
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                if !concerns_one_connection(&error) {
                    tracing::warn!(%error, "cannot accept connections");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::warn!(%address, "too many connections: closed");
            continue;
        };
        let context = context.clone();
        tasks.spawn(async move {
            if let Err(error) = connection::handle(stream, address, &context).await {
                tracing::debug!(%address, %error, "connection ended");
            }
            drop(place);
        });
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

async fn sweep(context: &Context) {
    let mut ticks = tokio::time::interval(SWEEP);
    loop {
        ticks.tick().await;
        if let Some(plan) = context.plan() {
            context.fleet.sweep(&plan, jiff::Timestamp::now());
        }
    }
}

#[cfg(test)]
mod tests;
