//! Real processes on loopback: a repository, an operator, proxies, applications.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a suite fails by panicking"
)]

mod access;
mod bad_commit;
mod ci;
mod contracts;
mod crash;
mod differential;
mod hostile;
mod kills;
mod not_understood;
mod on_the_wire;
mod renewal;
mod rollout;
mod routed;
mod unkind_remote;
mod wire;
