use std::time::Duration;

use mesh_ir::Tick;

use crate::draw::Draw;
use crate::state::State;
use crate::tables::Tables;
use crate::verdict::Plan;

/// How an attempt failed, or what it answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection could be opened.
    Connect,
    /// HTTP/2 `REFUSED_STREAM`, or a stream above the last id of a GOAWAY.
    RefusedStream,
    /// The connection ended before a byte of the request was written.
    ResetBeforeRequest,
    /// The connection or stream ended before an answer.
    Reset,
    /// `perTryTimeout` went by before an answer.
    Timeout,
    /// An answer with this status.
    Status(u16),
    /// An answer with this gRPC status in its head.
    Grpc(u8),
}

/// Whether there is another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// After this wait.
    Retry {
        /// Zero or more.
        wait: Duration,
    },
    /// No.
    GiveUp,
}

/// Decides after a failed attempt. `retried` is how many retries there were before.
pub fn again(
    _tables: &Tables,
    _state: &State,
    _plan: &Plan,
    _method: &[u8],
    _failure: Failure,
    _retried: u32,
    _draw: Draw,
    _now: Tick,
) -> Again {
    Again::GiveUp
}
