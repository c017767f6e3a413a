//! One worker between real sockets: an application, callers, and a fake peer proxy.

mod fixture;
mod grpc;
mod http;
mod intents;
mod retries;
mod tcp;
