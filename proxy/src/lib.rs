//! The proxy beside every workload: mutual TLS, access, limits, routes.
//!
//! One control thread speaks to the operator, renews certificates and owns the
//! listening sockets; workers serve connections. What a worker decides by is one
//! immutable value, replaced between requests.

mod identity;
mod tls;
