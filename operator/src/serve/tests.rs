//! The server on a real socket, against clients with real TLS.

mod call;
mod configuration;
mod drift;
mod harness;
mod signing;
