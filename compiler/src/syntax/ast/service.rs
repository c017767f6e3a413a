use std::net::IpAddr;
use std::time::Duration;

use mesh_ir::{EncodedSlash, Host, LoadBalancing, Name, Protocol};

use super::{Reference, Spanned};
use crate::diagnostic::Span;

/// `spec` of a `Service`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// Left out: the service's name.
    pub(crate) accounts: Vec<Spanned<Name>>,
    /// More names for it.
    pub(crate) hosts: Vec<Spanned<Host>>,
    /// Left out: a workload that only calls.
    pub(crate) ports: Vec<Port>,
    /// `workloads.endpoints`; left out: the inventory's.
    pub(crate) endpoints: Vec<Endpoint>,
    /// `versions`.
    pub(crate) versions: Vec<Version>,
    /// `loadBalancing.policy`.
    pub(crate) load_balancing: Option<Spanned<LoadBalancing>>,
    /// `encodedSlash`.
    pub(crate) encoded_slash: Option<Spanned<EncodedSlash>>,
    /// Where given, these and no others; never empty.
    pub(crate) calls: Option<Vec<Call>>,
}

/// One entry of `ports`, short or long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    /// The key.
    pub(crate) name: Spanned<Name>,
    /// What callers write after the host; at least 1.
    pub(crate) number: Spanned<u16>,
    /// As written, or the name's own.
    pub(crate) protocol: Spanned<Protocol>,
    /// Where the application listens; left out: the same number.
    pub(crate) target: Option<Spanned<u16>>,
}

/// One entry of `workloads.endpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Where it is.
    pub(crate) address: Spanned<IpAddr>,
    /// The version it belongs to.
    pub(crate) version: Option<Spanned<Name>>,
    /// `region/zone`.
    pub(crate) locality: Option<Spanned<String>>,
    /// At least 1.
    pub(crate) weight: Option<Spanned<u32>>,
    /// Numbers that differ from the service's, by port name.
    pub(crate) ports: Vec<(Spanned<Name>, Spanned<u16>)>,
    /// The entry.
    pub(crate) span: Span,
}

/// One entry of `versions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// The key.
    pub(crate) name: Spanned<Name>,
    /// Sorted by key; where left out, `version` with the name.
    pub(crate) labels: Vec<(String, String)>,
}

/// One entry of `calls`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Which service.
    pub(crate) service: Spanned<Reference>,
    /// At most this long; `None` within is `none`.
    pub(crate) timeout: Option<Spanned<Option<Duration>>>,
    /// `retries.attempts`.
    pub(crate) attempts: Option<Spanned<u32>>,
    /// The entry.
    pub(crate) span: Span,
}
