//! The wiring: every channel is made and every long-lived task spawned here.
//!
//! The store is opened first, because who holds it is the one operator of the
//! state directory. Then what ran is brought back, so that proxies are served at
//! once, without Git or network; then the repository is looked at.

mod logging;
mod socket;
mod state_dir;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mesh_ir::TrustDomain;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::api;
use crate::ca::{Ca, CaError};
use crate::config::{OperatorConfig, SourceConfig};
use crate::error::OperatorError;
use crate::follow::SourceReader;
use crate::metrics::Metrics;
use crate::observe::Fleet;
use crate::pipeline::{self, InventoryFile, Parts, PinError, Pipeline, Sink, Status};
use crate::plan::Plan;
use crate::serve;
use crate::store::{Ledger, RedbStore, Store};

use state_dir::StateDir;

/// After a signal, how long tasks may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Runs the operator until SIGTERM or SIGINT.
pub fn run(config: OperatorConfig) -> Result<(), OperatorError> {
    logging::init(&config.log)?;
    raise_descriptor_limit();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(OperatorError::Runtime)?
        .block_on(operate(config))
}

/// Each proxy takes a descriptor, and what a shell allows is for programs with few.
fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, ?limit, "the limit of open files stays as it is");
    }
}

/// What is open before anything runs.
struct Opened {
    pipeline: Pipeline<FleetSink>,
    poll: Duration,
    xds: TcpListener,
    api: TcpListener,
    socket: UnixListener,
    context: api::Context,
}

async fn operate(config: OperatorConfig) -> Result<(), OperatorError> {
    let shutdown = CancellationToken::new();
    let inventory = config.inventory.clone();
    let opened = open(config).await?;
    let context = opened.context;
    let mut tasks: JoinSet<&'static str> = JoinSet::new();
    let serving = serve::serve(
        opened.xds,
        context.plan.clone(),
        context.ca.clone(),
        context.fleet.clone(),
        shutdown.clone(),
    );
    tasks.spawn(named("xds", serving));
    let public = axum::serve(opened.api, api::public(context.clone()))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tasks.spawn(named("api", async { drop(public.await) }));
    let local = axum::serve(opened.socket, api::local(context))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    tasks.spawn(named("control socket", async { drop(local.await) }));
    let following =
        pipeline::follow_changes(opened.pipeline, opened.poll, inventory, shutdown.clone());
    // It compiles and writes to the disk: a thread of its own.
    let runtime = tokio::runtime::Handle::current();
    tasks.spawn_blocking(move || runtime.block_on(named("pipeline", following)));
    let ended = wait_for_the_end(&mut tasks).await;
    shutdown.cancel();
    let rest = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::warn!("some tasks did not end in time");
    }
    ended
}

async fn open(config: OperatorConfig) -> Result<Opened, OperatorError> {
    let state = StateDir::open(&config.state_dir)?;
    let store: Arc<dyn Store> = Arc::new(RedbStore::open(&state.store())?);
    let metrics = Metrics::new();
    let ca = Ca::open(state.path(), store.clone()).map_err(OperatorError::Ca)?;
    let ca = Arc::new(ca);
    let fleet = Arc::new(Fleet::new(metrics.clone()));
    let (plan_sender, plan) = watch::channel(None);
    let (status_sender, status) = watch::channel(Arc::new(Status::default()));
    let unusable = |source| state.unusable(source);
    let reader = SourceReader::new(&config).map_err(unusable)?;
    let poll = config.poll();
    let pipeline = Pipeline::resume(Parts {
        reader,
        rewrites: config.reading.rewrites,
        source: followed(&config),
        environment: config.environment.clone(),
        ledger: Ledger::new(store),
        sources: state.sources()?,
        inventory: InventoryFile::new(config.inventory.clone()),
        sink: FleetSink {
            ca: ca.clone(),
            plan: plan_sender,
        },
        status: status_sender,
        metrics: metrics.clone(),
    })?;
    let (xds, xds_address) = listen(config.xds, "xds").await?;
    let (api, api_address) = listen(config.api, "api").await?;
    tracing::info!(xds = %xds_address, api = %api_address, "listening");
    Ok(Opened {
        pipeline,
        poll,
        xds,
        api,
        socket: socket::bind(&state.socket())?,
        context: api::Context {
            plan,
            status,
            fleet,
            ca,
            metrics,
            addresses: (xds_address, api_address),
        },
    })
}

/// Where plans go: to every xDS stream, through the channel.
struct FleetSink {
    ca: Arc<Ca>,
    plan: watch::Sender<Option<Arc<Plan>>>,
}

impl Sink for FleetSink {
    fn pin(&self, trust_domain: &TrustDomain) -> Result<(), PinError> {
        self.ca.pin(trust_domain).map_err(|error| match error {
            CaError::OtherTrustDomain { pinned, .. } => PinError::Other(pinned),
            other => PinError::Failed(other.to_string()),
        })
    }

    fn publish(&self, plan: Arc<Plan>) {
        self.plan.send_replace(Some(plan));
    }
}

async fn named(name: &'static str, task: impl Future<Output = ()>) -> &'static str {
    task.await;
    name
}

async fn listen(
    address: SocketAddr,
    what: &'static str,
) -> Result<(TcpListener, SocketAddr), OperatorError> {
    let failed = |source| OperatorError::Listen {
        address,
        what,
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// A signal is a good end, a task that ends by itself is not.
async fn wait_for_the_end(tasks: &mut JoinSet<&'static str>) -> Result<(), OperatorError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(OperatorError::Runtime)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(OperatorError::Runtime)?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        ended = tasks.join_next() => {
            let name = ended.and_then(Result::ok).unwrap_or("unknown");
            Err(OperatorError::TaskEnded(name))
        }
    }
}

/// What is followed as one text: while it stays the same, ancestry is asked for.
fn followed(config: &OperatorConfig) -> String {
    let directory = &config.directory;
    let followed = match &config.source {
        SourceConfig::Files { path } => format!("files {} {directory}", path.display()),
        SourceConfig::Local { path, branch } => {
            let branch = branch.as_deref().unwrap_or_default();
            format!("local {} {branch} {directory}", path.display())
        }
        SourceConfig::Remote { url, branch } => {
            format!(
                "remote {url} {} {directory}",
                branch.as_deref().unwrap_or_default()
            )
        }
    };
    match &config.environment {
        Some(environment) => format!("{followed} for {environment}"),
        None => followed,
    }
}
