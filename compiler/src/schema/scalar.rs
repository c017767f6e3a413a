#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// A DNS label that starts with a letter.
#[derive(JsonSchema)]
pub(super) struct Name(
    #[schemars(length(max = 63), regex(pattern = "^[a-z]([a-z0-9-]*[a-z0-9])?$"))] String,
);

/// A service: `reviews` (of this namespace) or `reviews.shop`.
#[derive(JsonSchema)]
pub(super) struct Reference(
    #[schemars(regex(pattern = r"^[a-z]([a-z0-9-]*[a-z0-9])?(\.[a-z]([a-z0-9-]*[a-z0-9])?)?$"))]
    String,
);

/// A host in lower case, without port or trailing dot.
#[derive(JsonSchema)]
pub(super) struct Host(
    #[schemars(length(min = 1, max = 253), regex(pattern = "^[a-z0-9.-]+$"))] String,
);

/// A host, or `*.` and a host: one or more labels before it.
#[derive(JsonSchema)]
pub(super) struct HostPattern(
    #[schemars(length(min = 1), regex(pattern = r"^(\*\.)?[a-z0-9.-]+$"))] String,
);

/// `250ms`, `2s`, `1m30s`.
#[derive(JsonSchema)]
pub(super) struct Duration(
    #[schemars(regex(pattern = "^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"))] String,
);

/// `250ms`, `2s`, `1m30s`, or `none` for no bound.
#[derive(JsonSchema)]
pub(super) struct Bound(
    #[schemars(regex(pattern = "^(none|(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"))] String,
);

/// `10%`, `0.1%`.
#[derive(JsonSchema)]
pub(super) struct Percent(#[schemars(regex(pattern = r"^[0-9]{1,3}(\.[0-9]{1,3})?%$"))] String);

/// `64KiB`, `1MiB`.
#[derive(JsonSchema)]
pub(super) struct Size(#[schemars(regex(pattern = "^[0-9]+(B|KiB|MiB|GiB)$"))] String);

/// `100/s`, `6000/m`, `10/h`.
#[derive(JsonSchema)]
pub(super) struct Rate(#[schemars(regex(pattern = "^[0-9]+/[smh]$"))] String);

/// `2027-01-31` (that day included, UTC) or RFC 3339.
#[derive(JsonSchema)]
pub(super) struct Date(#[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"))] String);

/// Text that is not empty.
#[derive(JsonSchema)]
pub(super) struct Text(#[schemars(regex(pattern = r"\S"))] String);

/// A port.
#[derive(JsonSchema)]
pub(super) struct PortNumber(#[schemars(range(min = 1, max = 65535))] u16);

/// `true`, or left out.
#[derive(JsonSchema)]
pub(super) struct OnlyTrue(#[schemars(extend("const" = true))] bool);

/// What requests are told apart by: `caller`, `address`, `header:NAME`, `query:NAME`, `cookie:NAME`, `$1` to `$9`.
#[derive(JsonSchema)]
pub(super) struct Key(
    #[schemars(regex(pattern = r"^(caller|address|header:\S+|query:.+|cookie:\S+|\$[1-9])$"))]
    String,
);

/// Labels or annotations: they carry no meaning.
pub(super) type Texts = BTreeMap<String, String>;

/// What a document is called.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Metadata {
    name: Name,
    namespace: Name,
    labels: Option<Texts>,
    annotations: Option<Texts>,
}

/// What a document of the whole mesh is called.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GlobalMetadata {
    name: Name,
    labels: Option<Texts>,
    annotations: Option<Texts>,
}

/// Who opens something, why, and until when.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Exception {
    owner: Text,
    reason: Text,
    expires: Date,
}

/// When and how often an attempt is repeated.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct Retries {
    /// Retries, not tries; 0 is none.
    #[schemars(range(min = 0, max = 10))]
    attempts: Option<u32>,
    #[schemars(length(min = 1))]
    retry_on: Option<Vec<RetryOn>>,
    backoff: Option<Backoff>,
    /// Retries as a share of the requests in flight.
    budget: Option<Percent>,
}

/// When and how often an attempt is repeated.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct RuleRetries {
    /// Retries, not tries; 0 is none.
    #[schemars(range(min = 0, max = 10))]
    attempts: Option<u32>,
    #[schemars(length(min = 1))]
    retry_on: Option<Vec<RetryOn>>,
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
    /// The bound of the first wait.
    base: Option<Duration>,
    /// The bound of every wait.
    max: Option<Duration>,
}

/// A condition, a status, or the name of a gRPC status.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub(super) enum RetryOn {
    Status(#[schemars(range(min = 400, max = 599))] u16),
    Word(RetryWord),
}

/// A word of `retryOn`.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum RetryWord {
    ConnectFailure,
    RefusedStream,
    ResetBeforeRequest,
    Reset,
    #[schemars(rename = "5xx")]
    ServerError,
    GatewayError,
    #[schemars(rename = "retriable-4xx")]
    RetriableClientError,
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

/// How one endpoint is chosen.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LoadBalancing {
    policy: Policy,
}

/// A policy of load balancing.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Policy {
    RoundRobin,
    Random,
    LeastRequest,
}

/// The four fields of a document.
macro_rules! document {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $metadata:ty, $spec:ty) => {
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[schemars(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct $name {
            #[schemars(extend("const" = "meshwright.dev/v1"))]
            api_version: String,
            #[schemars(extend("const" = $kind))]
            kind: String,
            metadata: $metadata,
            spec: $spec,
        }
    };
}

pub(super) use document;
