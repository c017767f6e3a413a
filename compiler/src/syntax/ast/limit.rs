use std::time::Duration;

use mesh_ir::{Key, Name, Rate};

use super::{Caller, OnFailure, Reference, RequestMatch, Spanned, Target};
use crate::diagnostic::Span;

/// `spec` of a `RateLimit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// What it speaks of.
    pub(crate) target: Target,
    /// Never empty.
    pub(crate) limits: Vec<Limit>,
    /// Who counts those of the fleet; left out: the operator hands out shares.
    pub(crate) provider: Option<Provider>,
}

/// `provider`: a service that speaks the rate limit protocol of Envoy, version 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    /// Which.
    pub(crate) service: Spanned<Reference>,
    /// Left out: the only one that speaks gRPC.
    pub(crate) port: Option<Spanned<Name>>,
    /// What it calls this set of limits.
    pub(crate) domain: Spanned<String>,
    /// How long its answer may take.
    pub(crate) timeout: Option<Spanned<Duration>>,
    /// What happens without an answer; left out: `deny`.
    pub(crate) on_failure: Option<Spanned<OnFailure>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// A word of `scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LimitScope {
    /// Each proxy for itself.
    Proxy,
    /// The sum over all proxies.
    Fleet,
}

/// One entry of `limits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    /// What it is called in logs.
    pub(crate) name: Option<Spanned<Name>>,
    /// Any of these callers; empty: every caller.
    pub(crate) from: Vec<Caller>,
    /// Any of these; empty: every request.
    pub(crate) matches: Vec<RequestMatch>,
    /// What a bucket is kept for; empty: one bucket.
    pub(crate) per: Vec<Spanned<Key>>,
    /// How fast tokens come back; 0 is never written.
    pub(crate) rate: Spanned<Rate>,
    /// How many tokens a full bucket holds; at least 1.
    pub(crate) burst: Option<Spanned<u64>>,
    /// Left out: `proxy`.
    pub(crate) scope: Option<Spanned<LimitScope>>,
    /// `respond.status`, 400 to 599.
    pub(crate) status: Option<Spanned<u16>>,
    /// Decide and count, do not enforce.
    pub(crate) shadow: Option<Spanned<bool>>,
    /// The entry.
    pub(crate) span: Span,
}
