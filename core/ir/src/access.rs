use std::time::Duration;

use crate::{
    CallerMatch, Name, ObjectRef, Origin, RequestMatch, RuleId, ServiceRef, Target, Timestamp,
};

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
    /// Asked after the rules allowed.
    pub authorizer: Option<Authorizer>,
    /// Decide and count, do not enforce.
    pub shadow: bool,
}

impl Access {
    /// Its entries of `allow`, `deny` and `audit`, in this order.
    pub fn rules(&self) -> impl Iterator<Item = &AccessRule> {
        self.allow.iter().chain(&self.deny).chain(&self.audit)
    }
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

/// `authorizer`: a service that is asked too, and must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// `authorizer`, or a hash where a document has several.
    pub id: RuleId,
    /// The line where it begins.
    pub origin: Origin,
    /// Who is asked.
    pub service: ServiceRef,
    /// On which of its ports.
    pub port: Name,
    /// How.
    pub protocol: AuthorizerProtocol,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What holds without an answer.
    pub on_failure: OnFailure,
    /// Any of these; empty: every request.
    pub matches: Vec<RequestMatch>,
}

/// How an authorizer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorizerProtocol {
    /// `envoy.service.auth.v3.Authorization/Check`.
    Grpc,
    /// The request's head, sent to it; 200 agrees.
    Http,
}

/// What holds where an authorizer gives no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnFailure {
    /// The request is refused.
    Deny,
    /// It is let in; needs an exception.
    Allow,
}
