//! The proxy's side of its conversation with the operator: configuration comes,
//! reports go, certificates are renewed. The only place that knows the paths of
//! the operator's calls.

mod backoff;
mod connect;
mod follow;
mod obtain;
mod operator;
mod renew;
mod report;

use std::error::Error;
use std::fmt::Write as _;
use std::io;

pub(crate) use follow::{Follower, Sinks};
pub(crate) use renew::Renewer;

/// Why the operator did not answer as hoped.
#[derive(Debug, thiserror::Error)]
enum OperatorError {
    /// No TCP connection.
    #[error("the operator cannot be reached: {0}")]
    Connect(io::Error),
    /// It did not prove that it is the operator, or does not accept who we are.
    #[error("the TLS handshake with the operator failed: {0}")]
    Handshake(io::Error),
    /// The connection broke.
    #[error("the connection to the operator failed")]
    Transport(#[source] tonic::transport::Error),
    /// It answered with an error.
    #[error("the operator answered {:?}: {}", .0.code(), .0.message())]
    Refused(Box<tonic::Status>),
    /// It ended the stream.
    #[error("the operator ended the stream")]
    Ended,
}

/// An error with its causes, for a log line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            let _ = write!(text, ": {said}");
        }
        source = cause.source();
    }
    text
}
