//! Typed documents, as written: nothing is resolved, no default is filled in.
//!
//! Everything that a later phase may point at keeps its span. Lists that an author
//! left out are empty, because an empty list cannot be written. Mappings keep the
//! order in which they were written; their keys are unique.

mod access;
mod common;
mod limit;
mod matching;
mod mesh;
mod route;
mod service;
mod team;

pub(crate) use access::{Access, AccessRule, AllOf, Target, TargetScope};
pub(crate) use common::{Exception, Reference, Retries, RetriesBackoff, Spanned};
pub(crate) use limit::{Limit, RateLimit};
pub(crate) use matching::{Caller, Named, RequestMatch, Who};
pub(crate) use mesh::{
    AccessDefault, Certificates, Defaults, Mesh, NamespaceBlock, Repository, Requirement,
};
pub(crate) use route::{
    Action, Backend, BackendTarget, Forward, HeaderEdits, Headers, PathTemplate, Redirect, Respond,
    Rewrite, Route, Rule,
};
pub(crate) use service::{Call, Endpoint, Port, Service, Version};
pub(crate) use team::{OwnedHost, Owns, Team};

use std::sync::Arc;

use mesh_ir::{Kind, Name};

use crate::diagnostic::Span;

/// One document of a kind that this version compiles, free of errors of shape.
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
        }
    }

    /// `metadata.namespace`, of the kinds that have one.
    pub(crate) fn namespace(&self) -> Option<&Spanned<Name>> {
        match self {
            Self::Mesh(_) | Self::Team(_) => None,
            Self::Service(it) => Some(&it.namespace),
            Self::Route(it) => Some(&it.namespace),
            Self::Access(it) => Some(&it.namespace),
            Self::RateLimit(it) => Some(&it.namespace),
        }
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
        }
    }
}
