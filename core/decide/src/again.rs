use std::time::Duration;

use mesh_ir::{Backoff, RetryOn, Tick};

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

/// A failed attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Of the request.
    pub method: &'a [u8],
    /// How it failed.
    pub failure: Failure,
    /// How many retries there were before.
    pub retried: u32,
    /// For the wait.
    pub draw: Draw,
    /// When it failed.
    pub now: Tick,
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

/// Decides after a failed attempt, and counts a retry in the budget.
///
/// A request that may have reached the application is repeated only where its
/// method is idempotent (RFC 9110 section 9.2.2) or the intent says that it is.
pub fn again(tables: &Tables, state: &State, plan: &Plan, attempt: &Attempt<'_>) -> Again {
    let policy = tables.retry_policy(plan.retries);
    let failure = attempt.failure;
    let may_repeat =
        failure.is_before_request() || policy.idempotent || is_idempotent(attempt.method);
    let wanted = attempt.retried < plan.attempts
        && may_repeat
        && policy.on.iter().any(|condition| failure.meets(condition));
    if wanted && state.may_retry(plan.service, policy.budget, attempt.now) {
        Again::Retry {
            wait: wait(policy.backoff, attempt.retried, attempt.draw),
        }
    } else {
        Again::GiveUp
    }
}

impl Failure {
    /// Whether the request cannot have reached the application.
    fn is_before_request(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::RefusedStream | Self::ResetBeforeRequest
        )
    }

    fn is_without_answer(self) -> bool {
        !matches!(self, Self::Status(_) | Self::Grpc(_))
    }

    fn meets(self, condition: &RetryOn) -> bool {
        match condition {
            RetryOn::ConnectFailure => self == Self::Connect,
            RetryOn::RefusedStream => self == Self::RefusedStream,
            RetryOn::ResetBeforeRequest => self == Self::ResetBeforeRequest,
            RetryOn::Reset => matches!(self, Self::Reset | Self::ResetBeforeRequest),
            RetryOn::ServerError => {
                self.is_without_answer() || matches!(self, Self::Status(500..=599))
            }
            RetryOn::GatewayError => matches!(self, Self::Timeout | Self::Status(502..=504)),
            RetryOn::RetriableClientError => self == Self::Status(409),
            RetryOn::Status(status) => self == Self::Status(*status),
            RetryOn::Grpc(status) => self == Self::Grpc(*status),
        }
    }
}

fn is_idempotent(method: &[u8]) -> bool {
    matches!(
        method,
        b"GET" | b"HEAD" | b"OPTIONS" | b"PUT" | b"DELETE" | b"TRACE"
    )
}

/// Exponential with full jitter: evenly between nothing and a bound that doubles.
fn wait(backoff: Backoff, retried: u32, draw: Draw) -> Duration {
    let factor = 1_u32.checked_shl(retried).unwrap_or(u32::MAX);
    let bound = backoff.base.saturating_mul(factor).min(backoff.max);
    let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(draw.below(nanos.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        let backoff = Backoff {
            base: Duration::from_millis(25),
            max: Duration::from_millis(250),
        };
        let longest = |retried| wait(backoff, retried, Draw(u64::MAX)).as_millis();
        let all: Vec<_> = [0, 1, 2, 3, 4, 31, 32, 99].map(longest).into();
        assert_eq!(all, [25, 50, 100, 200, 250, 250, 250, 250]);
        assert_eq!(wait(backoff, 3, Draw(0)), Duration::ZERO);
    }

    #[test]
    fn conditions_mean_what_their_words_say() {
        let meets = |failure: Failure, condition| failure.meets(&condition);
        assert!(meets(Failure::Connect, RetryOn::ConnectFailure));
        assert!(!meets(Failure::Reset, RetryOn::ResetBeforeRequest));
        assert!(meets(Failure::Status(503), RetryOn::ServerError));
        assert!(meets(Failure::Timeout, RetryOn::ServerError));
        assert!(!meets(Failure::Status(500), RetryOn::GatewayError));
        assert!(meets(Failure::Status(409), RetryOn::RetriableClientError));
        assert!(meets(Failure::Grpc(14), RetryOn::Grpc(14)));
        assert!(!meets(Failure::Status(14), RetryOn::Grpc(14)));
    }
}
