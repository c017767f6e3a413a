use std::time::Duration;

use mesh_ir::{AbortWith, HeaderEdit, Host};
use smallvec::SmallVec;

use crate::answers::Question;
use crate::index::{
    EditsIndex, InboundPort, PortIndex, RespondIndex, RetryIndex, ServiceIndex, VersionIndex,
};
use crate::rule::RuleIndex;

/// Header fields of an answer; names in lower case.
pub type Fields = Vec<(&'static str, String)>;

/// What the inbound side does with a request or a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Lets it in.
    Admit(Admitted),
    /// Refuses it.
    Refuse(Refusal),
    /// Wants to know something first: to be asked again with the answers in
    /// [`crate::Caller`]. Nothing was charged.
    Ask(Question),
    /// At a gateway: answers what a browser asks before a request of another origin.
    Preflight(Preflight),
}

/// The answer to a CORS preflight, given before anybody is authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// The rule whose `cors` says so.
    pub rule: RuleIndex,
    /// 204, or 403 for what it does not allow.
    pub status: u16,
    /// Without a body.
    pub headers: Fields,
}

/// Why something was let in, and what was noted on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The `allow` entry, or the `access.default` line that says allow.
    pub allowed_by: RuleIndex,
    /// Entries and verdicts without effect.
    pub noted: Noted,
    /// The charged limit with the least room left, for the `RateLimit` headers.
    pub limit: Option<LimitStatus>,
    /// What tokens change in the request on its way to the application; `None`: nothing.
    pub tokens: Option<Box<TokenEdits>>,
}

/// What the tokens of a request change in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenEdits {
    /// Headers, in lower case, that are dropped whoever wrote them: those that claims
    /// become, and those of tokens that the application does not get.
    pub remove: Vec<String>,
    /// Headers that claims of valid tokens become, after the removal.
    pub set: Vec<HeaderEdit>,
    /// Cookies that are dropped.
    pub cookies: Vec<String>,
    /// Query parameters that are dropped.
    pub query: Vec<String>,
}

/// What was decided and counted without changing the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Noted {
    /// The `audit` entries that match.
    pub audited: SmallVec<[RuleIndex; 2]>,
    /// What all documents together would say; `None` where no shadow document speaks.
    pub shadow: Option<ShadowVerdict>,
    /// Shadow limits without room.
    pub shadow_limited: SmallVec<[RuleIndex; 2]>,
    /// Authorizers without an answer that let the request in all the same.
    pub failed_open: SmallVec<[RuleIndex; 2]>,
}

/// The verdict of all `Access` documents together, shadow ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShadowVerdict {
    /// What it would be.
    pub outcome: ShadowOutcome,
    /// Which rule would decide.
    pub rule: RuleIndex,
}

/// Allow or deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShadowOutcome {
    /// It would be let in.
    Allow,
    /// It would be refused.
    Deny,
}

/// An answer that this proxy gives instead of sending the request on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The class of the reason, for logs, metrics and `x-mesh-reason`.
    pub reason: Reason,
    /// What decided; `None` for what is refused before any rule.
    pub rule: Option<RuleIndex>,
    /// Where a default refused: the documents that were tried.
    pub tried: SmallVec<[RuleIndex; 4]>,
    /// The gRPC status, where it does not follow from the other.
    pub grpc: Option<u8>,
    /// When it is worth trying again.
    pub retry_after: Option<Duration>,
    /// The limit that has no room.
    pub limit: Option<LimitStatus>,
    /// What exactly is wrong, in words; never taken from the request.
    pub detail: &'static str,
    /// Entries and verdicts without effect.
    pub noted: Noted,
}

impl Refusal {
    /// A refusal that no rule decides and nothing else is known of.
    pub fn plain(status: u16, reason: Reason, detail: &'static str) -> Self {
        Self {
            status,
            reason,
            rule: None,
            tried: SmallVec::new(),
            grpc: None,
            retry_after: None,
            limit: None,
            detail,
            noted: Noted::default(),
        }
    }

    /// 503: nothing can take what the plan sends.
    pub fn no_endpoint(plan: &Plan) -> Self {
        Self {
            rule: plan.rule(),
            ..Self::plain(503, Reason::NoEndpoint, "no endpoint can take the request")
        }
    }

    pub(crate) fn bad_request(detail: &'static str) -> Self {
        Self::plain(400, Reason::BadRequest, detail)
    }

    pub(crate) fn by(mut self, rule: RuleIndex) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The gRPC status that goes with it on a `grpc` port.
    pub fn grpc_status(&self) -> u8 {
        if let Some(status) = self.grpc {
            return status;
        }
        match self.status {
            400 => 13,
            401 => 16,
            403 => 7,
            404 => 12,
            429 => 8,
            502 | 503 => 14,
            504 => 4,
            _ => 2,
        }
    }
}

/// Why a request is refused, as a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Two readers might read it differently, or nobody can read it.
    BadRequest,
    /// The callee's `Access`, or its default.
    Access,
    /// The host is not in this proxy's view: forbidden or unknown.
    NotVisible,
    /// The service has routes, and none matches.
    NoRoute,
    /// The host names no port, and which is meant cannot be told.
    NoPort,
    /// Nothing can take it.
    NoEndpoint,
    /// A `RateLimit` has no room.
    RateLimit,
    /// A token is not valid, or only a token is missing.
    Token,
    /// An authorizer does not agree, or says nothing.
    Authorizer,
    /// The caller proves no identity where it must.
    Mtls,
    /// An intent asks for this failure.
    Fault,
}

impl Reason {
    /// The word of logs, metrics and `x-mesh-reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Access => "access",
            Self::NotVisible => "not-visible",
            Self::NoRoute => "no-route",
            Self::NoPort => "no-port",
            Self::NoEndpoint => "no-endpoint",
            Self::RateLimit => "rate-limit",
            Self::Token => "token",
            Self::Authorizer => "authorizer",
            Self::Mtls => "mtls",
            Self::Fault => "fault",
        }
    }
}

/// Where a limit stands, after the charge if there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitStatus {
    /// Which.
    pub rule: RuleIndex,
    /// How many in a window.
    pub quota: u64,
    /// A second, a minute or an hour.
    pub window: Duration,
    /// How many a full bucket holds.
    pub burst: u64,
    /// Whole requests that still have room.
    pub remaining: u64,
    /// Until the bucket is full again.
    pub reset: Duration,
}

/// What the outbound side does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// Sends it on.
    Forward(Plan),
    /// Answers it as [`crate::Tables::respond`] says.
    Respond {
        /// Which rule.
        rule: RuleIndex,
        /// The answer.
        respond: RespondIndex,
    },
    /// Answers with another place.
    Redirect {
        /// Which rule.
        rule: RuleIndex,
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The `Location`.
        location: Vec<u8>,
    },
    /// Refuses it.
    Refuse(Refusal),
    /// Answers what a browser asks before a request of another origin.
    Preflight(Preflight),
}

/// How a request is sent on. Indices are those of the [`crate::Tables`] that planned it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The service that the host names.
    pub called: ServiceIndex,
    /// What takes it: another service, or an external one, where a rule sends it on.
    pub service: ServiceIndex,
    /// Its port.
    pub port: PortIndex,
    /// The version that was drawn; `None` is every endpoint. Retries stay in it.
    pub version: Option<VersionIndex>,
    /// The rules that decided, the called service's first; empty where it has no routes.
    pub rules: SmallVec<[RuleIndex; 2]>,
    /// The whole exchange; `None` is no bound.
    pub timeout: Option<Duration>,
    /// One attempt; `None` is no bound of its own.
    pub per_try_timeout: Option<Duration>,
    /// Retries, not tries: the fewest that anybody concerned sets.
    pub attempts: u32,
    /// When and after what wait; its own `attempts` may be more than those above.
    pub retries: RetryIndex,
    /// Path and query instead of those received.
    pub path: Option<Vec<u8>>,
    /// The host instead of that received.
    pub host: Option<Host>,
    /// In the order in which they apply; each as [`mesh_ir::HeaderEdits`] says.
    pub request_edits: SmallVec<[EditsIndex; 2]>,
    /// In the order in which they apply.
    pub response_edits: SmallVec<[EditsIndex; 2]>,
    /// Until a connection is open.
    pub connect_timeout: Duration,
    /// A stream without a byte; `None` is no bound.
    pub stream_idle_timeout: Option<Duration>,
    /// A connection without a request or byte; `None` is no bound.
    pub idle_timeout: Option<Duration>,
    /// For an external service whose access nobody further on judges: what must admit
    /// the request, as it is sent and in the name of this role, before it leaves.
    pub admit: Option<InboundPort>,
    /// The gateway that it leaves through.
    pub via: Option<ServiceIndex>,
    /// Copies, each with the caller's identity, without retries, and with an answer
    /// that nobody sees.
    pub mirrors: Vec<Self>,
    /// Done once, before an endpoint is picked.
    pub fault: Option<Injected>,
    /// What is put into the answer instead of the application's own CORS fields
    /// (`access-control-…`); `None`: nothing is touched.
    pub cors: Option<Box<Fields>>,
    /// What [`crate::fall_back`] goes on with, the last first.
    pub(crate) fallback: Vec<Resume>,
    /// How many services have sent it on.
    pub(crate) legs: u8,
}

/// A fault that was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Injected {
    /// The rule that asks for it.
    pub rule: RuleIndex,
    /// First of all; counts in the timeout.
    pub delay: Option<Duration>,
    /// Then; never retried.
    pub abort: Option<AbortWith>,
    /// Whether the abort needs no luck: every request of the rule gets it.
    pub always_aborts: bool,
}

impl Injected {
    /// The answer to a request that is aborted.
    pub fn refusal(&self) -> Option<Refusal> {
        let (status, grpc) = match self.abort? {
            AbortWith::Status(status) => (status, None),
            AbortWith::Grpc(grpc) => (200, Some(grpc)),
        };
        Some(Refusal {
            grpc,
            ..Refusal::plain(status, Reason::Fault, "a fault is injected").by(self.rule)
        })
    }
}

/// Where a request was when a backend was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resume {
    /// Before anything of the drawn backend.
    pub(crate) before: Box<Plan>,
    /// Whose rule, on which port: a position in its list.
    pub(crate) service: ServiceIndex,
    pub(crate) port: PortIndex,
    pub(crate) entry: usize,
    /// Which entry of `fallback` comes next.
    pub(crate) next: usize,
    /// Of the side that the client speaks to.
    pub(crate) scheme: &'static str,
}

impl Plan {
    /// The rule of the called service that decided.
    pub fn rule(&self) -> Option<RuleIndex> {
        self.rules.first().copied()
    }

    /// Whether somebody else takes it when nothing of the service can; see
    /// [`crate::fall_back`].
    pub fn has_fallback(&self) -> bool {
        !self.fallback.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_the_grpc_status_of_their_http_status() {
        let status = |http| Refusal::plain(http, Reason::Access, "").grpc_status();
        let all: Vec<_> = [403, 401, 404, 429, 503, 504].map(status).into();
        assert_eq!(all, [7, 16, 12, 8, 14, 4]);
    }
}
