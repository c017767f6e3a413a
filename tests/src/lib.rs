//! The harness of the process suites: repositories, a mesh of real processes, a
//! plain HTTP client, load, and ways to wait.
//!
//! Everything is on loopback, ends with the value that holds it, and waits by
//! polling a condition with a deadline.

#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a harness fails by panicking, wherever it is called from"
)]

pub mod any_server;
mod git_server;
pub mod hostile;
mod load;
mod lone_operator;
mod mesh;
mod plain_http;
pub mod played_operator;
pub mod played_proxy;
pub mod processes;
mod repository;
mod requirement;
mod running;
mod wait;

pub use git_server::{GitServer, serve};
pub use load::{Load, Tally};
pub use lone_operator::LoneOperator;
pub use mesh::{MeshUp, Workload, mesh, mesh_binary};
pub use plain_http::{Answer, Connection, get, send};
pub use repository::Repository;
pub use requirement::{need_tool, required};
pub use running::Running;
pub use wait::{eventually, eventually_some};
