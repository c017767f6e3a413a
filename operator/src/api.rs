//! What people and tools ask the operator, over HTTP.
//!
//! Everything that says something about the mesh, or changes it, is on the Unix
//! socket of the state directory, which only its owner can open. The TCP address
//! has health and metrics and nothing else.

mod local;
mod public;
mod report;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;

use crate::ca::Ca;
use crate::metrics::Metrics;
use crate::observe::Fleet;
use crate::pipeline::Status;
use crate::plan::Plan;

pub(crate) use local::router as local;
pub(crate) use public::router as public;

/// What the handlers read.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) plan: watch::Receiver<Option<Arc<Plan>>>,
    pub(crate) status: watch::Receiver<Arc<Status>>,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) ca: Arc<Ca>,
    pub(crate) metrics: Metrics,
    /// Where it listens: xDS and this API.
    pub(crate) addresses: (SocketAddr, SocketAddr),
}
