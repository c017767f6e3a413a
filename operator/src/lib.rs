//! The operator: follows a repository, compiles what is committed, tells the fleet,
//! issues its certificates and notices when a proxy drifts.
//!
//! Each decision is a pure file beside the I/O that carries it out:
//! [`plan`] (what the fleet is told), `pipeline/judge` (what becomes of a commit),
//! `follow/decide` (whether a head is followed). [`app`] is the only place that
//! spawns long-lived tasks and makes channels.
//!
//! libgit2 runs in a child process of the same binary ([`fetch`]) and nowhere else.

mod api;
mod app;
mod ca;
mod config;
mod error;
pub mod fetch;
mod follow;
mod metrics;
mod observe;
mod pipeline;
mod plan;
mod serve;
mod sources;
mod store;
#[cfg(test)]
mod testing;

pub use app::run;
pub use config::{OperatorArgs, OperatorConfig};
pub use error::OperatorError;
