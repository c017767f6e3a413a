//! Wires the proxy together: the only place that makes channels between its parts
//! and starts what lives as long as the process.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use mesh_ir::Listeners;
use mesh_xds::session::client::{ClientSession, Holdings};
use rustix::process::{Resource as Limit, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::admin::Admin;
use crate::clock::Clock;
use crate::config::ProxyConfig;
use crate::control::{Follower, Renewer, Sinks};
use crate::disk::{DiskError, Kept, StateDir};
use crate::holdings::{take_bundle, take_facts};
use crate::keeper::Keeper;
use crate::listen::ListenerSet;
use crate::logging::{self, InvalidFilter};
use crate::publish::{InEffect, Publisher, WorkerEnded};
use crate::resource::Resource;
use crate::status::Status;
use crate::worker::{self, WorkerConfig, WorkerHandle, WorkerMessage};

/// Where the system does not say how many descriptors a process may have.
const ASSUMED_DESCRIPTORS: u64 = 1024;

/// Why the proxy did not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// `--log` cannot be read.
    #[error(transparent)]
    Log(#[from] InvalidFilter),
    /// The state directory cannot be used.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The system does not let us run.
    #[error("the runtime cannot start: {0}")]
    Runtime(std::io::Error),
    /// A worker cannot start.
    #[error("a worker cannot start: {0}")]
    Worker(std::io::Error),
    /// Neither a way in nor an identity from before.
    #[error("no identity in the state directory, and no --token-file to join the mesh with")]
    NoIdentity,
    /// Two workloads never share an identity by accident.
    #[error("the state directory is that of the workload {0}")]
    OtherWorkload(String),
    /// A worker died; a supervisor should start the proxy again.
    #[error(transparent)]
    WorkerEnded(#[from] WorkerEnded),
}

/// Runs a proxy until it is told to stop; blocks the calling thread, which becomes
/// the control thread.
pub fn run(config: ProxyConfig) -> Result<(), ProxyError> {
    logging::install(&config.log, config.log_format)?;
    let disk = Arc::new(StateDir::open(&config.state_dir)?);
    let ceiling = connection_ceiling();
    let workers = start_workers(&config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ProxyError::Runtime)?;
    let result = runtime.block_on(serve(config, disk, Arc::clone(&workers), ceiling));
    if matches!(result, Ok(Stop::Drained)) {
        // With the last task goes the last other owner of the workers.
        drop(runtime);
        let workers = Arc::into_inner(workers).unwrap_or_default();
        workers.into_iter().for_each(WorkerHandle::join);
    } else {
        runtime.shutdown_background();
    }
    result.map(|_| ())
}

/// How the proxy came to its end.
enum Stop {
    /// What ran has finished, or its grace was over.
    Drained,
    /// A second signal.
    AtOnce,
}

/// Half of what the process may open: the other half goes to the other side of
/// each connection.
fn connection_ceiling() -> usize {
    let limit = getrlimit(Limit::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let descriptors = match setrlimit(Limit::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    usize::try_from(descriptors.unwrap_or(ASSUMED_DESCRIPTORS) / 2).unwrap_or(usize::MAX)
}

fn start_workers(config: &ProxyConfig) -> Result<Arc<Vec<WorkerHandle>>, ProxyError> {
    let clock = Clock::start();
    (0..config.workers.get())
        .map(|index| {
            let config = WorkerConfig {
                access_log: config.access_log.clone(),
                clock,
            };
            worker::start(index, &config).map_err(ProxyError::Worker)
        })
        .collect::<Result<_, _>>()
        .map(Arc::new)
}

/// The parts that more than one task uses.
struct Parts {
    status: Arc<Status>,
    publisher: Arc<Publisher>,
    keeper: Arc<Keeper>,
    disk: Arc<StateDir>,
    listeners: watch::Sender<Option<Listeners>>,
}

async fn serve(
    config: ProxyConfig,
    disk: Arc<StateDir>,
    workers: Arc<Vec<WorkerHandle>>,
    ceiling: usize,
) -> Result<Stop, ProxyError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ProxyError::Runtime)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ProxyError::Runtime)?;
    let publisher = Arc::new(Publisher::new(Arc::clone(&workers), rand::random()));
    let parts = Parts {
        status: Arc::default(),
        keeper: Arc::new(Keeper::new(Arc::clone(&disk), Arc::clone(&publisher))),
        publisher,
        disk,
        listeners: watch::Sender::new(None),
    };
    spawn(admin(&config, &parts).run());
    let holdings = restore(&config, &parts).await?;
    let listening = CancellationToken::new();
    let set = ListenerSet::new(Arc::clone(&workers), Arc::clone(&parts.status), ceiling);
    let sockets = spawn(listen(
        set,
        parts.publisher.in_effect(),
        parts.listeners.subscribe(),
        listening.clone(),
    ));
    let renewer = spawn(renewer(&config, &parts).run());
    let (status, drain) = (Arc::clone(&parts.status), config.drain);
    let follower = spawn(follower(config, parts, holdings).run());
    tokio::select! {
        () = any_ended(&workers) => return Err(WorkerEnded.into()),
        ended = renewer => return Err(ended.unwrap_or(WorkerEnded).into()),
        ended = follower => return Err(ended.unwrap_or(WorkerEnded).into()),
        () = either(&mut terminate, &mut interrupt) => {}
    }
    tracing::info!(grace = ?drain, "draining");
    status.set_draining();
    listening.cancel();
    tokio::select! {
        () = finish(sockets, &workers, drain) => {
            tracing::info!("drained");
            Ok(Stop::Drained)
        }
        () = either(&mut terminate, &mut interrupt) => {
            tracing::warn!("stopped at once");
            Ok(Stop::AtOnce)
        }
    }
}

/// Takes what the disk holds and puts it into effect, so that a restart needs
/// nobody. What is damaged is left out, loudly; the operator sends it again.
async fn restore(config: &ProxyConfig, parts: &Parts) -> Result<Holdings, ProxyError> {
    let mut has_identity = false;
    match parts.keeper.restore().await {
        Ok(found) => has_identity = found,
        Err(error) => tracing::error!(%error, "the identity on disk cannot be used"),
    }
    if !has_identity && config.token_file.is_none() {
        return Err(ProxyError::NoIdentity);
    }
    let mut holdings = take_facts(&kept(parts, Kept::Facts)).unwrap_or_else(|error| {
        tracing::error!(%error, "the facts on disk cannot be used");
        Holdings::default()
    });
    if let Some(other) = &holdings.listeners
        && other.workload != config.workload
    {
        return Err(ProxyError::OtherWorkload(other.workload.clone()));
    }
    let endpoints = holdings.endpoints.clone();
    parts.publisher.set_endpoints(endpoints).await?;
    parts.listeners.send_replace(holdings.listeners.clone());
    let bundle = take_bundle(&kept(parts, Kept::Bundle)).unwrap_or_else(|error| {
        tracing::error!(%error, "the bundle on disk cannot be used");
        None
    });
    let Some(active) = bundle else {
        return Ok(holdings);
    };
    let (bundle, snapshot) = (active.bundle.clone(), active.snapshot.clone());
    match parts.publisher.prepare(bundle, snapshot).await {
        Ok(prepared) => {
            parts.publisher.activate(prepared).await?;
            tracing::info!(commit = %active.bundle.commit, "enforcing the bundle from disk");
            holdings.active = Some(active);
        }
        Err(error) => tracing::error!(%error, "the bundle on disk cannot be honoured"),
    }
    Ok(holdings)
}

fn kept(parts: &Parts, which: Kept) -> Vec<Resource> {
    parts.disk.resources(which).unwrap_or_else(|error| {
        tracing::error!(%error, "what was kept for a restart is left out");
        vec![]
    })
}

fn admin(config: &ProxyConfig, parts: &Parts) -> Admin {
    Admin {
        workload: config.workload.clone(),
        address: config.admin,
        publisher: Arc::clone(&parts.publisher),
        in_effect: parts.publisher.in_effect(),
        listeners: parts.listeners.subscribe(),
        status: Arc::clone(&parts.status),
    }
}

fn renewer(config: &ProxyConfig, parts: &Parts) -> Renewer {
    Renewer {
        operator: config.operator.clone(),
        token_file: config.token_file.clone(),
        keeper: Arc::clone(&parts.keeper),
        in_effect: parts.publisher.in_effect(),
        status: Arc::clone(&parts.status),
    }
}

fn follower(config: ProxyConfig, parts: Parts, holdings: Holdings) -> Follower {
    let session = ClientSession::new(config.workload.clone(), holdings);
    let sinks = Sinks {
        publisher: parts.publisher,
        keeper: parts.keeper,
        listeners: parts.listeners,
        disk: parts.disk,
        status: parts.status,
    };
    Follower::new(config.workload, config.operator, session, sinks)
}

/// No socket opens before there is something to decide by.
async fn listen(
    set: ListenerSet,
    mut in_effect: watch::Receiver<Option<InEffect>>,
    listeners: watch::Receiver<Option<Listeners>>,
    stop: CancellationToken,
) {
    let ready = in_effect.wait_for(Option::is_some);
    if matches!(stop.run_until_cancelled(ready).await, Some(Ok(_))) {
        set.run(listeners, stop).await;
    }
}

async fn finish(sockets: JoinHandle<()>, workers: &[WorkerHandle], grace: Duration) {
    // What the sockets still held is handed on before the workers are told to finish.
    let _ = sockets.await;
    let waits = workers.iter().map(|worker| {
        let (done, receiver) = oneshot::channel();
        worker.send(WorkerMessage::Drain { grace, done });
        receiver
    });
    join_all(waits).await;
}

/// A worker that dies takes connections with it: better to be started again whole.
async fn any_ended(workers: &[WorkerHandle]) {
    select_all(workers.iter().map(|worker| Box::pin(worker.ended()))).await;
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(task)
}

#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
