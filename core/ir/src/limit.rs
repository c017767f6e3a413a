use std::time::Duration;

use crate::{CallerMatch, ObjectRef, Origin, RequestMatch, RuleId, Target};

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
}

/// One entry of `limits`: a token bucket per key, in each proxy.
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
    /// The answer to a request without room: 429 unless the intent says otherwise.
    pub status: u16,
    /// Decide and count, do not enforce.
    pub shadow: bool,
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
    /// The socket peer's address.
    Address,
    /// A header's value.
    Header(String),
    /// A query parameter's value.
    Query(String),
    /// A cookie's value.
    Cookie(String),
    /// A capture of the matched path, 1 to 9.
    Capture(u8),
}
