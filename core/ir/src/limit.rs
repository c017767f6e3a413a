use std::time::Duration;

use crate::{
    CallerMatch, Name, ObjectRef, OnFailure, Origin, RequestMatch, RuleId, ServiceRef, Target,
};

/// A `RateLimit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Namespace and name.
    pub id: ObjectRef,
    /// Where the document begins.
    pub origin: Origin,
    /// What it speaks of.
    pub target: Target,
    /// Every one that matches must have room, then every one is charged.
    pub limits: Vec<Limit>,
    /// Who counts those of the fleet; `None`: the operator hands out shares.
    pub provider: Option<LimitProvider>,
}

/// A service that speaks Envoy's rate limit protocol, version 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitProvider {
    /// Who is asked.
    pub service: ServiceRef,
    /// On which of its ports.
    pub port: Name,
    /// What it calls this set of limits.
    pub domain: String,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What holds without an answer.
    pub on_failure: OnFailure,
    /// The line where it begins.
    pub origin: Origin,
}

/// One entry of `limits`: a token bucket per key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Name or hash.
    pub id: RuleId,
    /// The line where the entry begins.
    pub origin: Origin,
    /// Any of these callers; empty: every caller.
    pub from: Vec<CallerMatch>,
    /// Any of these; empty: every request.
    pub matches: Vec<RequestMatch>,
    /// What a bucket is kept for; empty: one bucket.
    pub per: Vec<Key>,
    /// How fast tokens come back.
    pub rate: Rate,
    /// How many tokens a full bucket holds; at least 1.
    pub burst: u64,
    /// Over what the rate is counted.
    pub scope: LimitScope,
    /// The answer to a request without room: 429 unless the intent says otherwise.
    pub status: u16,
    /// Decide and count, do not enforce.
    pub shadow: bool,
}

/// Over what a rate is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LimitScope {
    /// Each proxy by itself.
    #[default]
    Proxy,
    /// The sum over all proxies that enforce it: each decides by its share.
    Fleet,
}

/// So many in so long; both at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// A second, a minute or an hour.
    pub per: Duration,
}

/// What a request is told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The caller's identity.
    Caller,
    /// The socket peer's address (at a gateway the client's).
    Address,
    /// A header's value.
    Header(String),
    /// A query parameter's value.
    Query(String),
    /// A cookie's value.
    Cookie(String),
    /// A claim of the token (its name, or a JSON pointer with a leading slash).
    Claim(String),
    /// A capture of the matched path, 1 to 9.
    Capture(u8),
}
