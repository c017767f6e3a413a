use mesh_ir::{Key, Name, Rate};

use super::{Caller, RequestMatch, Spanned, Target};
use crate::diagnostic::Span;

/// `spec` of a `RateLimit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// What it speaks of.
    pub(crate) target: Target,
    /// Never empty.
    pub(crate) limits: Vec<Limit>,
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
    /// `respond.status`, 400 to 599.
    pub(crate) status: Option<Spanned<u16>>,
    /// Decide and count, do not enforce.
    pub(crate) shadow: Option<Spanned<bool>>,
    /// The entry.
    pub(crate) span: Span,
}
