//! Typed documents, as written: nothing is resolved, no default is filled in.
//!
//! Everything that a later phase may point at keeps its span. Lists that an author
//! left out are empty, because an empty list cannot be written. Mappings keep the
//! order in which they were written; their keys are unique.

mod access;
mod common;
mod environment;
mod gateway;
mod invariant;
mod limit;
mod matching;
mod mesh;
mod policy_test;
mod rollout;
mod route;
mod service;
mod team;
mod telemetry;
mod token;

pub(crate) use access::{
    Access, AccessRule, AllOf, Authorizer, AuthorizerProtocol, OnFailure, Target, TargetScope,
};
pub(crate) use common::{
    Exception, LoadBalancing, Locality, Mtls, MtlsMode, Near, Policy, Reference, Retries,
    RetriesBackoff, SetCookie, Spanned,
};
pub(crate) use environment::{Environment, FileGlob, Patch};
pub(crate) use gateway::{
    Certificate, ClientAddress, Clients, ClientsMode, ExternalService, ExternalTls, Gateway,
    Listener, ListenerTls, TlsVersion,
};
pub(crate) use invariant::{Claim, Destination, DestinationOf, Invariant};
pub(crate) use limit::{Limit, LimitScope, Provider, RateLimit};
pub(crate) use matching::{Caller, Named, RequestMatch, Who};
pub(crate) use mesh::{
    AccessDefault, Certificates, Defaults, Mesh, NamespaceBlock, Otlp, Repository, Requirement,
};
pub(crate) use policy_test::{
    Case, ExpectForward, Expectation, PolicyTest, TestRequest, TestScheme, TestUrl,
};
pub(crate) use rollout::{Gates, OnFailedRollout, OnNewCommit, Rollout, Wave, WaveSize};
pub(crate) use route::{
    AbortWith, Action, Backend, BackendTarget, Cors, Fault, FaultAbort, FaultDelay, Forward,
    HeaderEdits, Headers, Mirror, Origin, PathTemplate, Redirect, Respond, Rewrite, Route, Rule,
};
pub(crate) use service::{
    Call, CallTarget, Endpoint, Health, Limits, OutlierDetection, Port, Probe, Service, Version,
    Workloads,
};
pub(crate) use team::{OwnedHost, Owns, Team};
pub(crate) use telemetry::{AccessLog, LogExporter, LogFormat, StatusPattern, Telemetry};
pub(crate) use token::{Algorithm, Keys, TokenIssuer, TokenLocation, TokenMatch};

use std::sync::Arc;

use mesh_ir::{Kind, Name};

use crate::diagnostic::Span;

/// One document, free of errors of shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Document {
    /// `kind: Mesh`.
    Mesh(Arc<Global<Mesh>>),
    /// `kind: Team`.
    Team(Arc<Global<Team>>),
    /// `kind: Service`.
    Service(Arc<Object<Service>>),
    /// `kind: Route`.
    Route(Arc<Object<Route>>),
    /// `kind: Access`.
    Access(Arc<Object<Access>>),
    /// `kind: RateLimit`.
    RateLimit(Arc<Object<RateLimit>>),
    /// `kind: TokenIssuer`.
    TokenIssuer(Arc<Object<TokenIssuer>>),
    /// `kind: Gateway`.
    Gateway(Arc<Object<Gateway>>),
    /// `kind: ExternalService`.
    ExternalService(Arc<Object<ExternalService>>),
    /// `kind: Telemetry`.
    Telemetry(Arc<Object<Telemetry>>),
    /// `kind: Rollout`.
    Rollout(Arc<Global<Rollout>>),
    /// `kind: Environment`.
    Environment(Arc<Global<Environment>>),
    /// `kind: Invariant`.
    Invariant(Arc<Global<Invariant>>),
    /// `kind: PolicyTest`.
    PolicyTest(Arc<Object<PolicyTest>>),
}

/// A document of a kind that has no namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Global<T> {
    /// `metadata.name`.
    pub(crate) name: Spanned<Name>,
    /// `spec`.
    pub(crate) spec: T,
    /// The value of `kind`: where the document is pointed at as a whole.
    pub(crate) kind_span: Span,
    /// From its first key to its last value.
    pub(crate) span: Span,
}

/// A document of a kind that lives in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object<T> {
    /// `metadata.namespace`.
    pub(crate) namespace: Spanned<Name>,
    /// `metadata.name`.
    pub(crate) name: Spanned<Name>,
    /// `spec`.
    pub(crate) spec: T,
    /// The value of `kind`: where the document is pointed at as a whole.
    pub(crate) kind_span: Span,
    /// From its first key to its last value.
    pub(crate) span: Span,
}

impl Document {
    /// Its kind.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Mesh(_) => Kind::Mesh,
            Self::Team(_) => Kind::Team,
            Self::Service(_) => Kind::Service,
            Self::Route(_) => Kind::Route,
            Self::Access(_) => Kind::Access,
            Self::RateLimit(_) => Kind::RateLimit,
            Self::TokenIssuer(_) => Kind::TokenIssuer,
            Self::Gateway(_) => Kind::Gateway,
            Self::ExternalService(_) => Kind::ExternalService,
            Self::Telemetry(_) => Kind::Telemetry,
            Self::Rollout(_) => Kind::Rollout,
            Self::Environment(_) => Kind::Environment,
            Self::Invariant(_) => Kind::Invariant,
            Self::PolicyTest(_) => Kind::PolicyTest,
        }
    }

    /// `metadata.name`.
    pub(crate) fn name(&self) -> &Spanned<Name> {
        match self {
            Self::Mesh(it) => &it.name,
            Self::Team(it) => &it.name,
            Self::Service(it) => &it.name,
            Self::Route(it) => &it.name,
            Self::Access(it) => &it.name,
            Self::RateLimit(it) => &it.name,
            Self::TokenIssuer(it) => &it.name,
            Self::Gateway(it) => &it.name,
            Self::ExternalService(it) => &it.name,
            Self::Telemetry(it) => &it.name,
            Self::Rollout(it) => &it.name,
            Self::Environment(it) => &it.name,
            Self::Invariant(it) => &it.name,
            Self::PolicyTest(it) => &it.name,
        }
    }

    /// `metadata.namespace`, of the kinds that have one.
    pub(crate) fn namespace(&self) -> Option<&Spanned<Name>> {
        match self {
            Self::Mesh(_)
            | Self::Team(_)
            | Self::Rollout(_)
            | Self::Environment(_)
            | Self::Invariant(_) => None,
            Self::Service(it) => Some(&it.namespace),
            Self::Route(it) => Some(&it.namespace),
            Self::Access(it) => Some(&it.namespace),
            Self::RateLimit(it) => Some(&it.namespace),
            Self::TokenIssuer(it) => Some(&it.namespace),
            Self::Gateway(it) => Some(&it.namespace),
            Self::ExternalService(it) => Some(&it.namespace),
            Self::Telemetry(it) => Some(&it.namespace),
            Self::PolicyTest(it) => Some(&it.namespace),
        }
    }

    /// Whether it has the kind, namespace and name of another.
    pub(crate) fn has_name_of(&self, other: &Self) -> bool {
        let namespace = |it: &Self| it.namespace().map(|it| it.value.clone());
        self.kind() == other.kind()
            && self.name().value == other.name().value
            && namespace(self) == namespace(other)
    }

    /// From its first key to its last value.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Mesh(it) => it.span,
            Self::Team(it) => it.span,
            Self::Service(it) => it.span,
            Self::Route(it) => it.span,
            Self::Access(it) => it.span,
            Self::RateLimit(it) => it.span,
            Self::TokenIssuer(it) => it.span,
            Self::Gateway(it) => it.span,
            Self::ExternalService(it) => it.span,
            Self::Telemetry(it) => it.span,
            Self::Rollout(it) => it.span,
            Self::Environment(it) => it.span,
            Self::Invariant(it) => it.span,
            Self::PolicyTest(it) => it.span,
        }
    }

    /// The value of `kind`.
    pub(crate) fn kind_span(&self) -> Span {
        match self {
            Self::Mesh(it) => it.kind_span,
            Self::Team(it) => it.kind_span,
            Self::Service(it) => it.kind_span,
            Self::Route(it) => it.kind_span,
            Self::Access(it) => it.kind_span,
            Self::RateLimit(it) => it.kind_span,
            Self::TokenIssuer(it) => it.kind_span,
            Self::Gateway(it) => it.kind_span,
            Self::ExternalService(it) => it.kind_span,
            Self::Telemetry(it) => it.kind_span,
            Self::Rollout(it) => it.kind_span,
            Self::Environment(it) => it.kind_span,
            Self::Invariant(it) => it.kind_span,
            Self::PolicyTest(it) => it.kind_span,
        }
    }
}
