#![expect(dead_code, reason = "these types are described, never built")]

use schemars::JsonSchema;

use super::scalar::{Duration, Percent};

/// When and how often an attempt is repeated.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct Retries {
    /// Retries, not tries; 0 is none. Left out: 2.
    #[schemars(range(min = 0, max = 10))]
    attempts: Option<u32>,
    /// When. Left out: `connect-failure` and `refused-stream`.
    #[schemars(length(min = 1))]
    retry_on: Option<Vec<RetryOn>>,
    /// How long between attempts: exponential back-off with jitter.
    backoff: Option<Backoff>,
    /// Retries as a share of the requests in flight. Left out: 20 %.
    budget: Option<Percent>,
}

/// When and how often an attempt is repeated.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct RuleRetries {
    /// Retries, not tries; 0 is none.
    #[schemars(range(min = 0, max = 10))]
    attempts: Option<u32>,
    /// When.
    #[schemars(length(min = 1))]
    retry_on: Option<Vec<RetryOn>>,
    /// How long between attempts: exponential back-off with jitter.
    backoff: Option<Backoff>,
    /// Retries as a share of the requests in flight.
    budget: Option<Percent>,
    /// The author says that the matched requests may be repeated.
    idempotent: Option<bool>,
}

/// Exponential back-off with jitter.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct Backoff {
    /// The bound of the first wait. Left out: 25 ms.
    base: Option<Duration>,
    /// The bound of every wait. Left out: 250 ms.
    max: Option<Duration>,
}

/// A condition, a status, or the name of a gRPC status.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum RetryOn {
    Status(#[schemars(range(min = 400, max = 599))] u16),
    Condition(RetryCondition),
    Grpc(GrpcStatus),
}

/// What may go wrong with an attempt. The first three never reach the application; the
/// others need an idempotent method, or `idempotent: true`.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum RetryCondition {
    ConnectFailure,
    RefusedStream,
    ResetBeforeRequest,
    Reset,
    #[schemars(rename = "5xx")]
    ServerError,
    GatewayError,
    #[schemars(rename = "retriable-4xx")]
    RetriableClientError,
}

/// The name of a gRPC status.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum GrpcStatus {
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}
