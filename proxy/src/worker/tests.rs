//! One worker between real sockets: an application, callers, and a fake peer proxy.

mod bounded;
mod edges;
mod endpoints;
mod fixture;
mod grpc;
mod http;
mod http_2;
mod intents;
mod retries;
mod revoked;
mod routed;
mod tcp;
