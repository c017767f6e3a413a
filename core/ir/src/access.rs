use crate::{CallerMatch, ObjectRef, Origin, RequestMatch, RuleId, Target, Timestamp};

/// An `Access`: documents about one target add up, deny beats allow, no allow means no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Namespace and name.
    pub id: ObjectRef,
    /// Where the document begins.
    pub origin: Origin,
    /// What it speaks of.
    pub target: Target,
    /// Any of these lets a request in.
    pub allow: Vec<AccessRule>,
    /// Any of these refuses it.
    pub deny: Vec<AccessRule>,
    /// Any of these is counted, without effect.
    pub audit: Vec<AccessRule>,
    /// Decide and count, do not enforce.
    pub shadow: bool,
}

/// One entry of `allow`, `deny` or `audit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRule {
    /// Name or hash.
    pub id: RuleId,
    /// The line where the entry begins.
    pub origin: Origin,
    /// Any of these callers; empty: every caller.
    pub from: Vec<CallerMatch>,
    /// Any of these; empty: every request (or connection).
    pub matches: Vec<RequestMatch>,
    /// An `allow` with an exception says nothing from this instant on.
    pub expires: Option<Timestamp>,
}
