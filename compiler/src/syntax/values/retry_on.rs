use mesh_ir::RetryOn;

use crate::syntax::ast::Spanned;
use crate::syntax::decode::scalar::{integer, scalar, word};
use crate::syntax::node::Node;
use crate::syntax::read::{Meaning, meaning};
use crate::syntax::report::{Read, Report};

/// Every word of `retryOn`; the names of gRPC statuses in the order of their numbers, from 1.
pub(in crate::syntax) const WORDS: [&str; 23] = [
    "connect-failure",
    "refused-stream",
    "reset-before-request",
    "reset",
    "5xx",
    "gateway-error",
    "retriable-4xx",
    "cancelled",
    "unknown",
    "invalid-argument",
    "deadline-exceeded",
    "not-found",
    "already-exists",
    "permission-denied",
    "resource-exhausted",
    "failed-precondition",
    "aborted",
    "out-of-range",
    "unimplemented",
    "internal",
    "unavailable",
    "data-loss",
    "unauthenticated",
];

/// How many of [`WORDS`] are no gRPC status.
const CONDITIONS: u8 = 7;

/// The name of a gRPC status, as its number.
pub(in crate::syntax) fn grpc_status(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u8>> {
    let names = WORDS.into_iter().skip(usize::from(CONDITIONS));
    let words: Vec<(&'static str, u8)> = names.zip(1..).collect();
    word(node, report, &words)
}

/// A condition, a status as a number, or the name of a gRPC status.
pub(in crate::syntax) fn retry_on(node: &Node<'_>, report: &mut Report) -> Read<Spanned<RetryOn>> {
    let written = scalar(node, report, "a condition of a retry")?;
    if written.plain && meaning(&written.text) != Meaning::Text {
        let status = integer(node, report, 400_u16..=599)?;
        return Ok(Spanned::new(RetryOn::Status(status.value), status.span));
    }
    let words: Vec<(&'static str, RetryOnWord)> =
        WORDS.into_iter().zip((0..).map(RetryOnWord)).collect();
    let found = word(node, report, &words)?;
    Ok(Spanned::new(found.value.into(), found.span))
}

/// A place in [`WORDS`].
#[derive(Clone, Copy)]
struct RetryOnWord(u8);

impl From<RetryOnWord> for RetryOn {
    fn from(RetryOnWord(place): RetryOnWord) -> Self {
        match place {
            0 => Self::ConnectFailure,
            1 => Self::RefusedStream,
            2 => Self::ResetBeforeRequest,
            3 => Self::Reset,
            4 => Self::ServerError,
            5 => Self::GatewayError,
            6 => Self::RetriableClientError,
            grpc => Self::Grpc(grpc - CONDITIONS + 1),
        }
    }
}
