use mesh_ir::{HostPattern, Name};

use super::{Caller, Exception, Reference, RequestMatch, Spanned};
use crate::diagnostic::Span;

/// `spec` of an `Access`; at least one of the three lists is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// What it speaks of.
    pub(crate) target: Target,
    /// Each says `from`.
    pub(crate) allow: Vec<AccessRule>,
    /// Each says `from` or `match`.
    pub(crate) deny: Vec<AccessRule>,
    /// Each says `from` or `match`.
    pub(crate) audit: Vec<AccessRule>,
    /// Decide and count, do not enforce.
    pub(crate) shadow: Option<Spanned<bool>>,
}

/// One entry of `allow`, `deny` or `audit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessRule {
    /// What it is called in logs.
    pub(crate) name: Option<Spanned<Name>>,
    /// Any of these callers; empty: every caller.
    pub(crate) from: Vec<Caller>,
    /// Any of these; empty: every request.
    pub(crate) matches: Vec<RequestMatch>,
    /// Only on `allow`: when it ends by itself.
    pub(crate) exception: Option<Exception>,
    /// The entry.
    pub(crate) span: Span,
}

/// What an `Access` or a `RateLimit` speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Which services.
    pub(crate) scope: TargetScope,
    /// Left out: every port of the scope.
    pub(crate) ports: Vec<Spanned<Name>>,
    /// Left out: every host.
    pub(crate) hosts: Vec<Spanned<HostPattern>>,
}

/// The one of the exclusive fields that says which services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetScope {
    /// `service: reviews`.
    Service(Spanned<Reference>),
    /// `all: namespace` or `all: mesh`.
    All(Spanned<AllOf>),
}

/// A word of `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AllOf {
    /// This document's.
    Namespace,
    /// Every service.
    Mesh,
}

impl TargetScope {
    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Service(it) => it.span,
            Self::All(it) => it.span,
        }
    }
}
