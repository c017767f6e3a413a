//! Real processes on loopback: a repository, an operator, proxies, applications.

mod access;
mod bad_commit;
mod contracts;
mod crash;
mod differential;
mod renewal;
mod rollout;
mod wire;
