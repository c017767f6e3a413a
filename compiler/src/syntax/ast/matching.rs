use ipnet::IpNet;
use mesh_ir::{Name, PathPattern, SpiffePattern, ValueMatch};

use super::{Reference, Spanned, TokenMatch};
use crate::diagnostic::Span;

/// One entry of `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) who: Who,
    /// And from such an address.
    pub(crate) cidr: Option<Spanned<IpNet>>,
    /// And with such a token.
    pub(crate) token: Option<TokenMatch>,
    /// And none of these.
    pub(crate) not: Vec<Self>,
    /// Why `anyone` is let in.
    pub(crate) reason: Option<Spanned<String>>,
    /// The entry.
    pub(crate) span: Span,
}

/// The one of an entry's fields that says who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// `service: productpage`.
    Service(Spanned<Reference>),
    /// `gateway: edge`: what came through it.
    Gateway(Spanned<Reference>),
    /// `namespace: ops`.
    Namespace(Spanned<Name>),
    /// `identity: spiffe://…`.
    Identity(Spanned<SpiffePattern>),
    /// `authenticated: true`.
    Authenticated(Span),
    /// `anyone: true`.
    Anyone(Span),
}

/// One entry of `match`; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestMatch {
    /// Tokens of RFC 9110.
    pub(crate) methods: Vec<Spanned<String>>,
    /// Any of these. The text of a regex is not compiled here.
    pub(crate) paths: Vec<Spanned<PathPattern>>,
    /// `grpc`, as the paths that it stands for; then `methods` and `paths` are empty.
    pub(crate) grpc: Vec<Spanned<PathPattern>>,
    /// Names in lower case.
    pub(crate) headers: Vec<Named<ValueMatch>>,
    /// Names as written.
    pub(crate) query: Vec<Named<ValueMatch>>,
    /// Names as written.
    pub(crate) cookies: Vec<Named<ValueMatch>>,
    /// None of these.
    pub(crate) not: Vec<Self>,
    /// The entry.
    pub(crate) span: Span,
}

/// An entry of a mapping whose keys the author chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named<T> {
    /// The key.
    pub(crate) name: Spanned<String>,
    /// Its value.
    pub(crate) value: Spanned<T>,
}
