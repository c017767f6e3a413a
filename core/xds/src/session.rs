//! Incremental aggregated xDS without sockets: the state machines of both ends.
//!
//! The transport feeds requests and responses in and sends what comes out, in
//! order. A session of the server lives as long as its stream; one of the client
//! survives streams, because what the client holds does.

pub mod client;
mod resources;
pub mod server;

pub use resources::{Desired, Resource, ResourceSet};

/// Everything of a type.
const WILDCARD: &str = "*";
