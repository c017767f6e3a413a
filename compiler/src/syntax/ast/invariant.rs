use mesh_ir::Name;

use super::{Caller, Reference, RequestMatch, Spanned};
use crate::diagnostic::Span;

/// `spec` of an `Invariant`; at least one of the two is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invariant {
    /// None of these is let through.
    pub(crate) never: Vec<Claim>,
    /// All of these are let through.
    pub(crate) always: Vec<Claim>,
}

/// One entry of `never` or `always`. Every reference in it names its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// What reports call it.
    pub(crate) name: Option<Spanned<Name>>,
    /// Never empty.
    pub(crate) from: Vec<Caller>,
    /// Never empty.
    pub(crate) to: Vec<Destination>,
    /// Empty: every request.
    pub(crate) matches: Vec<RequestMatch>,
    /// The entry.
    pub(crate) span: Span,
}

/// One entry of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    /// What is called.
    pub(crate) what: DestinationOf,
    /// Left out: every port.
    pub(crate) ports: Vec<Spanned<Name>>,
    /// The entry.
    pub(crate) span: Span,
}

/// The one field of an entry of `to` that says what is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DestinationOf {
    /// `service: payments.pay`.
    Service(Spanned<Reference>),
    /// `gateway: edge.shop`.
    Gateway(Spanned<Reference>),
    /// `external: payments-api.pay`.
    External(Spanned<Reference>),
    /// `namespace: pay`: every service of it.
    Namespace(Spanned<Name>),
}
