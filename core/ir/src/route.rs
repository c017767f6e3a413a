use std::fmt;
use std::time::Duration;

use crate::{
    CallerMatch, Host, Key, Name, ObjectRef, Origin, RequestMatch, RuleId, ServiceRef, Target,
    ValueMatch,
};

/// A `Route`: rules about one service or external service, run in the proxies of its
/// callers, or about one gateway, run in its proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Namespace and name.
    pub id: ObjectRef,
    /// Where the document begins.
    pub origin: Origin,
    /// Always one object; never empty `ports`. `hosts` only of a gateway, or of a `tls` port.
    pub target: Target,
    /// In lowered order: ascending [`Rank`].
    pub rules: Vec<RouteRule>,
}

/// One rule of a [`Route`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRule {
    /// Name or hash.
    pub id: RuleId,
    /// The line where the entry begins.
    pub origin: Origin,
    /// Where it stands among all rules about its target and port.
    pub rank: Rank,
    /// Any of these callers; empty: every caller.
    pub from: Vec<CallerMatch>,
    /// Any of these; empty: every request.
    pub matches: Vec<RequestMatch>,
    /// What happens.
    pub action: Action,
    /// What scripts of other origins may ask for.
    pub cors: Option<Cors>,
}

/// The place of a rule in the lowered order; the first that matches decides.
///
/// A linear extension of inclusion: a rule whose requests another contains has
/// the greater `depth` at equal priority and so comes first. Rules that share
/// no request, or decide alike, may have equal rank; then the route's name and
/// the rule's id order them, without effect on any outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rank {
    /// As written; the greater one first.
    pub priority: i32,
    /// The number of rules in the longest chain of containing rules above it; the greater one first.
    pub depth: u32,
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.priority, other.depth).cmp(&(self.priority, self.depth))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What a rule does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "almost every rule forwards")]
pub enum Action {
    /// Sends it on.
    Forward(Forward),
    /// Answers it.
    Respond(Respond),
    /// Answers with another place.
    Redirect(Redirect),
}

/// Sends a request on, with every effective field filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// Never empty. One backend, or several with weights.
    pub backends: Vec<Backend>,
    /// Keeps who once drew a backend on it; empty: each request draws by its id.
    pub split_by: Vec<Key>,
    /// Before the request leaves.
    pub rewrite: Option<Rewrite>,
    /// Edits on the way out.
    pub request_headers: HeaderEdits,
    /// Edits on the way back.
    pub response_headers: HeaderEdits,
    /// The whole exchange, retries included; `None` is no bound.
    pub timeout: Option<Duration>,
    /// One attempt; `None` is no bound of its own.
    pub per_try_timeout: Option<Duration>,
    /// When an attempt may be repeated.
    pub retries: RetryPolicy,
    /// In order: who takes it when what was drawn has no endpoint to take it.
    pub fallback: Vec<Backend>,
    /// Who gets a copy, besides.
    pub mirror: Vec<Mirror>,
    /// What is done to some of the requests, on purpose.
    pub fault: Option<Fault>,
}

/// One entry of `mirror`: a copy whose answer nobody sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mirror {
    /// Where.
    pub target: BackendTarget,
    /// Of the requests that the rule forwards.
    pub percent: Percent,
    /// The line of the entry.
    pub origin: Origin,
}

/// `fault`: drawn once for a request, before an endpoint is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fault {
    /// Holds a request back.
    pub delay: Option<FaultDelay>,
    /// Answers it.
    pub abort: Option<FaultAbort>,
}

/// `fault.delay`; counts in `timeout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultDelay {
    /// How long.
    pub length: Duration,
    /// Of the requests that the rule forwards.
    pub percent: Percent,
}

/// `fault.abort`; never retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultAbort {
    /// The answer.
    pub with: AbortWith,
    /// Of the requests that the rule forwards.
    pub percent: Percent,
}

/// What an injected abort answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AbortWith {
    /// 200 to 599.
    Status(u16),
    /// The number of a gRPC status, 1 to 16, in an answer of 200.
    Grpc(u8),
}

/// `cors`: what scripts of other origins may ask for (WHATWG Fetch, CORS protocol).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cors {
    /// Any of these; `Present` is every origin (`*`).
    pub origins: Vec<ValueMatch>,
    /// Besides those that need no leave; empty: those that the rule matches.
    pub methods: Vec<String>,
    /// Request headers besides those that need no leave. In lower case, sorted.
    pub headers: Vec<String>,
    /// Response headers that a script may read. In lower case, sorted.
    pub expose: Vec<String>,
    /// How long a browser may remember the answer.
    pub max_age: Option<Duration>,
    /// Whether a browser may send cookies along.
    pub credentials: bool,
    /// The line where it begins.
    pub origin: Origin,
}

/// One entry of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// Where.
    pub target: BackendTarget,
    /// Its share of the sum of weights; 0 is none. A single backend has 1.
    pub weight: u32,
    /// After the rule's.
    pub request_headers: HeaderEdits,
    /// After the rule's.
    pub response_headers: HeaderEdits,
    /// The line of the entry (of the rule, where `to` is left out).
    pub origin: Origin,
}

/// Where a backend sends requests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackendTarget {
    /// What the route is about, whatever version. Final; never of a gateway.
    Service,
    /// One version of the route's own service. Final.
    Version(Name),
    /// A call of another service, whose own routes decide further; with the port that it takes.
    Other {
        /// The service.
        service: ServiceRef,
        /// One of its ports.
        port: Name,
    },
    /// A call of an external service, with the port that it takes.
    External {
        /// The external service.
        service: ServiceRef,
        /// One of its ports.
        port: Name,
    },
}

/// `rewrite`: what the upstream sees instead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rewrite {
    /// A template with `$1`…`$9` and perhaps a trailing `/**`.
    pub path: Option<String>,
    /// The new host.
    pub host: Option<Host>,
}

/// `redirect`: what the client is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// `http` or `https`.
    pub scheme: Option<String>,
    /// The new host.
    pub host: Option<Host>,
    /// The new port.
    pub port: Option<u16>,
    /// A template with `$1`…`$9` and perhaps a trailing `/**`.
    pub path: Option<String>,
}

/// `respond`: the answer itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Respond {
    /// 200 to 599.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// At most 64 KiB.
    pub body: String,
}

/// Edits of a header section, in the order set, add, remove.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HeaderEdits {
    /// Replace every value under the name.
    pub set: Vec<HeaderEdit>,
    /// One more value under the name.
    pub add: Vec<HeaderEdit>,
    /// Names to drop.
    pub remove: Vec<String>,
}

impl HeaderEdits {
    /// Whether nothing is edited.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.add.is_empty() && self.remove.is_empty()
    }
}

/// A header and its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderEdit {
    /// In lower case.
    pub name: String,
    /// The value.
    pub value: String,
}

/// When and how often an attempt is repeated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetryPolicy {
    /// Retries, not tries; 0 is none.
    pub attempts: u32,
    /// Sorted, each once.
    pub on: Vec<RetryOn>,
    /// The author says that the matched requests may be repeated.
    pub idempotent: bool,
    /// Between attempts.
    pub backoff: Backoff,
    /// Retries as a share of the requests in flight to one target.
    pub budget: Percent,
}

/// Exponential back-off with full jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Backoff {
    /// The bound of the first wait.
    pub base: Duration,
    /// The bound of every wait.
    pub max: Duration,
}

/// A condition under which an attempt may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetryOn {
    /// No connection could be opened.
    ConnectFailure,
    /// HTTP/2 `REFUSED_STREAM`, or a stream above the last id of a GOAWAY.
    RefusedStream,
    /// The connection ended before a byte of the request was written.
    ResetBeforeRequest,
    /// The connection or stream ended before an answer.
    Reset,
    /// Any status from 500 to 599, or no answer.
    ServerError,
    /// 502, 503 or 504.
    GatewayError,
    /// 409.
    RetriableClientError,
    /// One status.
    Status(u16),
    /// A gRPC status by its number.
    Grpc(u8),
}

impl RetryOn {
    /// Whether the request cannot have reached the application.
    pub fn is_always_safe(&self) -> bool {
        matches!(
            self,
            Self::ConnectFailure | Self::RefusedStream | Self::ResetBeforeRequest
        )
    }
}

/// Parts of a hundred thousand: 20 % is 20,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(pub u32);

impl Percent {
    /// All of it.
    pub const ALL: Self = Self(100_000);
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 1000, self.0 % 1000) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) => write!(f, "{}%", format!("{whole}.{part:03}").trim_end_matches('0')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_priority_and_greater_depth_come_first() {
        let rank = |priority, depth| Rank { priority, depth };
        let mut ranks = vec![rank(0, 0), rank(0, 2), rank(1, 0), rank(-1, 9)];
        ranks.sort();
        assert_eq!(ranks, [rank(1, 0), rank(0, 2), rank(0, 0), rank(-1, 9)]);
    }

    #[test]
    fn percents_print_without_needless_digits() {
        assert_eq!(Percent(20_000).to_string(), "20%");
        assert_eq!(Percent(100).to_string(), "0.1%");
        assert_eq!(Percent(1_250).to_string(), "1.25%");
    }
}
