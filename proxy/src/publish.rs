//! Makes one immutable [`Active`] of bundle, endpoints and identity, and sees that
//! every worker decides by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use mesh_decide::{NotHonourable, State, Tables};
use mesh_ir::{Bundle, Endpoints, ServiceRef, Snapshot};
use tokio::sync::{Mutex, oneshot, watch};

use crate::active::Active;
use crate::capacity::Capacities;
use crate::endpoints::EndpointTable;
use crate::honour;
use crate::outlier::Outliers;
use crate::telemetry::MetricsSnapshot;
use crate::tls::TlsIdentity;
use crate::worker::{WorkerHandle, WorkerMessage};

/// A bundle that can be put into effect.
pub(crate) struct Prepared {
    bundle: Bundle,
    snapshot: Arc<Snapshot>,
    tables: Arc<Tables>,
}

/// What is in effect, for reports and the admin interface.
#[derive(Clone)]
pub(crate) struct InEffect {
    /// What the workers have.
    pub(crate) active: Arc<Active>,
    /// What its tables were built from.
    pub(crate) snapshot: Arc<Snapshot>,
    /// Where the services in view are.
    pub(crate) endpoints: Arc<BTreeMap<ServiceRef, Endpoints>>,
}

/// A worker thread ended that should not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a worker has ended")]
pub struct WorkerEnded;

/// Why a bundle is not in effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    /// This proxy cannot do what it says.
    #[error("{} of its rules cannot be honoured", .0.len())]
    NotHonourable(Vec<NotHonourable>),
    /// Building the tables failed in a way that is our fault.
    #[error("building its tables failed")]
    Panicked,
}

/// The only sender of [`Active`]s. Changes are put into effect one after the other.
pub(crate) struct Publisher {
    workers: Arc<Vec<WorkerHandle>>,
    seed: u64,
    parts: Mutex<Parts>,
    in_effect: watch::Sender<Option<InEffect>>,
}

#[derive(Default)]
struct Parts {
    meaning: Option<Meaning>,
    endpoints: Arc<BTreeMap<ServiceRef, Endpoints>>,
    identity: Option<Arc<TlsIdentity>>,
}

struct Meaning {
    prepared: Prepared,
    state: Arc<State>,
    capacities: Arc<Capacities>,
    table: Arc<EndpointTable>,
    outliers: Arc<Outliers>,
}

impl Publisher {
    /// `seed` keeps the places of keys in the workers' shared maps secret.
    pub(crate) fn new(workers: Arc<Vec<WorkerHandle>>, seed: u64) -> Self {
        Self {
            workers,
            seed,
            parts: Mutex::default(),
            in_effect: watch::Sender::new(None),
        }
    }

    /// What is in effect, now and whenever it changes; `None` before the first bundle.
    pub(crate) fn in_effect(&self) -> watch::Receiver<Option<InEffect>> {
        self.in_effect.subscribe()
    }

    /// Builds the tables of a bundle on a thread of its own; nothing changes yet.
    pub(crate) async fn prepare(
        &self,
        bundle: Bundle,
        snapshot: Snapshot,
    ) -> Result<Prepared, PrepareError> {
        let snapshot = Arc::new(snapshot);
        let view = Arc::clone(&snapshot);
        let tables = tokio::task::spawn_blocking(move || honour::tables(&view))
            .await
            .map_err(|_| PrepareError::Panicked)?
            .map_err(PrepareError::NotHonourable)?;
        Ok(Prepared {
            bundle,
            snapshot,
            tables: Arc::new(tables),
        })
    }

    /// Puts a bundle into effect; returns when the last worker decides by it.
    pub(crate) async fn activate(&self, prepared: Prepared) -> Result<(), WorkerEnded> {
        let mut parts = self.parts.lock().await;
        let tables = &prepared.tables;
        let table = endpoint_table(tables, &parts.endpoints);
        let (state, capacities, outliers) = match &parts.meaning {
            Some(old) => (
                old.state.carry(tables),
                old.capacities.carry(tables),
                old.outliers.carry(tables, &table),
            ),
            None => (
                State::new(tables, self.seed),
                Capacities::default().carry(tables),
                Outliers::default().carry(tables, &table),
            ),
        };
        parts.meaning = Some(Meaning {
            prepared,
            state: Arc::new(state),
            capacities: Arc::new(capacities),
            table,
            outliers: Arc::new(outliers),
        });
        self.publish(&parts).await
    }

    /// Puts the endpoints of every service into effect.
    pub(crate) async fn set_endpoints(
        &self,
        endpoints: BTreeMap<ServiceRef, Endpoints>,
    ) -> Result<(), WorkerEnded> {
        let mut parts = self.parts.lock().await;
        let parts = &mut *parts;
        parts.endpoints = Arc::new(endpoints);
        if let Some(meaning) = &mut parts.meaning {
            let tables = &meaning.prepared.tables;
            meaning.table = endpoint_table(tables, &parts.endpoints);
            meaning.outliers = Arc::new(meaning.outliers.carry(tables, &meaning.table));
        }
        self.publish(parts).await
    }

    /// Puts an identity into effect: for new connections, in both directions.
    pub(crate) async fn set_identity(&self, identity: Arc<TlsIdentity>) -> Result<(), WorkerEnded> {
        let mut parts = self.parts.lock().await;
        parts.identity = Some(identity);
        self.publish(&parts).await
    }

    /// The counters of all workers together.
    pub(crate) async fn metrics(&self) -> MetricsSnapshot {
        let answers = self.workers.iter().map(|worker| {
            let (sender, receiver) = oneshot::channel();
            worker.send(WorkerMessage::Metrics(sender));
            receiver
        });
        let mut total = MetricsSnapshot::default();
        for answer in join_all(answers).await.into_iter().flatten() {
            total.merge(&answer);
        }
        total
    }

    async fn publish(&self, parts: &Parts) -> Result<(), WorkerEnded> {
        let (Some(meaning), Some(identity)) = (&parts.meaning, &parts.identity) else {
            return Ok(());
        };
        let active = Arc::new(Active {
            tables: Arc::clone(&meaning.prepared.tables),
            bundle: meaning.prepared.bundle.clone(),
            state: Arc::clone(&meaning.state),
            capacities: Arc::clone(&meaning.capacities),
            endpoints: Arc::clone(&meaning.table),
            outliers: Arc::clone(&meaning.outliers),
            identity: Arc::clone(identity),
        });
        let confirmations = self.workers.iter().map(|worker| {
            let (sender, receiver) = oneshot::channel();
            worker.send(WorkerMessage::Activate(Arc::clone(&active), sender));
            receiver
        });
        for confirmation in join_all(confirmations).await {
            confirmation.map_err(|_| WorkerEnded)?;
        }
        self.in_effect.send_replace(Some(InEffect {
            active,
            snapshot: Arc::clone(&meaning.prepared.snapshot),
            endpoints: Arc::clone(&parts.endpoints),
        }));
        Ok(())
    }
}

fn endpoint_table(
    tables: &Tables,
    endpoints: &BTreeMap<ServiceRef, Endpoints>,
) -> Arc<EndpointTable> {
    Arc::new(EndpointTable::build(tables, endpoints.values()))
}
