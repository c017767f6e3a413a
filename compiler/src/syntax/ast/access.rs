use std::time::Duration;

use mesh_ir::{HostPattern, Name};

use super::{Caller, Exception, Reference, RequestMatch, Spanned};
use crate::diagnostic::Span;

/// `spec` of an `Access`; says at least one of the three lists and `authorizer`.
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
    /// Whom to ask about what the rules let in.
    pub(crate) authorizer: Option<Authorizer>,
    /// Decide and count, do not enforce.
    pub(crate) shadow: Option<Spanned<bool>>,
}

/// `authorizer`: a service that speaks `ext_authz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorizer {
    /// Which.
    pub(crate) service: Spanned<Reference>,
    /// Left out: the only one that fits the protocol.
    pub(crate) port: Option<Spanned<Name>>,
    /// Left out: `grpc`.
    pub(crate) protocol: Option<Spanned<AuthorizerProtocol>>,
    /// How long its answer may take.
    pub(crate) timeout: Option<Spanned<Duration>>,
    /// What happens without an answer; left out: `deny`.
    pub(crate) on_failure: Option<Spanned<OnFailure>>,
    /// What `onFailure: allow` needs.
    pub(crate) exception: Option<Exception>,
    /// Any of these; empty: every request.
    pub(crate) matches: Vec<RequestMatch>,
    /// The mapping.
    pub(crate) span: Span,
}

/// A word of `authorizer.protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AuthorizerProtocol {
    /// `envoy.service.auth.v3`.
    Grpc,
    /// The request without its body; a status of 200 lets it through.
    Http,
}

/// A word of `onFailure`, where it says what happens to a request that nobody judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OnFailure {
    /// It is refused.
    Deny,
    /// It goes on.
    Allow,
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

/// What a `Route`, an `Access`, a `RateLimit` or a `Telemetry` speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Which services, or what else.
    pub(crate) scope: TargetScope,
    /// Left out: every port of the scope.
    pub(crate) ports: Vec<Spanned<Name>>,
    /// Left out: every host.
    pub(crate) hosts: Vec<Spanned<HostPattern>>,
}

/// The one of the exclusive fields that says of what; never `All` in a `Route`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetScope {
    /// `service: reviews`.
    Service(Spanned<Reference>),
    /// `gateway: edge`.
    Gateway(Spanned<Reference>),
    /// `external: payments-api`.
    External(Spanned<Reference>),
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

impl Target {
    /// The one service that it speaks of.
    pub(crate) fn service(&self) -> Option<&Spanned<Reference>> {
        match &self.scope {
            TargetScope::Service(it) => Some(it),
            TargetScope::Gateway(_) | TargetScope::External(_) | TargetScope::All(_) => None,
        }
    }
}

impl Target {
    /// The one object that it speaks of, of whatever kind.
    pub(crate) fn one(&self) -> Option<&Spanned<Reference>> {
        match &self.scope {
            TargetScope::Service(it) | TargetScope::Gateway(it) | TargetScope::External(it) => {
                Some(it)
            }
            TargetScope::All(_) => None,
        }
    }
}

impl TargetScope {
    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Service(it) | Self::Gateway(it) | Self::External(it) => it.span,
            Self::All(it) => it.span,
        }
    }
}
