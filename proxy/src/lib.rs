//! The proxy beside every workload: mutual TLS, access, limits, routes.
//!
//! One control thread speaks to the operator, renews certificates and owns the
//! listening sockets; workers serve connections. What a worker decides by is one
//! immutable value, replaced between requests.

mod active;
mod admin;
mod alarm;
mod app;
#[cfg(feature = "__bench")]
pub mod bench;
mod capacity;
mod clock;
mod config;
mod context;
mod control;
mod disk;
mod ending;
mod endpoints;
mod gather;
mod holdings;
mod honour;
mod http;
mod identity;
mod join_token;
mod keeper;
mod listen;
mod logging;
mod outlier;
mod pool;
mod publish;
mod renewal;
mod reserved;
mod resource;
mod status;
mod tcp;
mod telemetry;
#[cfg(any(test, feature = "__bench"))]
mod throwaway;
mod tls;
mod worker;

pub use app::{ProxyError, run};
pub use config::{InvalidConfig, LogFormat, ProxyArgs, ProxyConfig};
pub use disk::DiskError;
pub use logging::InvalidFilter;
pub use publish::WorkerEnded;
