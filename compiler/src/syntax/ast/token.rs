use std::time::Duration;

use mesh_ir::Host;

use super::{Named, Reference, Spanned};
use crate::diagnostic::Span;

/// `spec` of a `TokenIssuer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenIssuer {
    /// `iss` of its tokens.
    pub(crate) issuer: Spanned<String>,
    /// One of these is in `aud`; never empty.
    pub(crate) audiences: Vec<Spanned<String>>,
    /// What they are signed with.
    pub(crate) keys: Keys,
    /// Where a token is looked for; empty: `authorization: Bearer`.
    pub(crate) locations: Vec<TokenLocation>,
    /// Left out: RS256 and ES256.
    pub(crate) algorithms: Vec<Spanned<Algorithm>>,
    /// Whether the application gets the token; left out: no.
    pub(crate) forward: Option<Spanned<bool>>,
    /// Claims (names, or JSON pointers with a leading slash) and the header that each
    /// becomes, in lower case. Without a valid token the headers are removed.
    pub(crate) claims_to_headers: Vec<Named<String>>,
    /// How far the clocks may differ; left out: a minute.
    pub(crate) leeway: Option<Spanned<Duration>>,
}

/// `keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Keys {
    /// `url`: fetched by the operator.
    Url {
        /// `https://`.
        url: Spanned<String>,
        /// Its host.
        host: Host,
        /// How often; left out: every ten minutes.
        refresh: Option<Spanned<Duration>>,
    },
    /// `inline`: a JSON Web Key Set; not yet judged as one.
    Inline(Spanned<String>),
    /// `file`: a file beside the intents, relative to the document.
    File(Spanned<String>),
}

/// One entry of `locations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenLocation {
    /// `header`, in lower case, with what stands before the token.
    Header {
        /// Its name.
        name: Spanned<String>,
        /// `"Bearer "`; left out: nothing.
        prefix: Option<Spanned<String>>,
    },
    /// `cookie`.
    Cookie(Spanned<String>),
    /// `query`.
    Query(Spanned<String>),
}

/// A word of `algorithms`: RFC 7518 and RFC 8037, none that is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Algorithm {
    /// `RS256`.
    Rs256,
    /// `RS384`.
    Rs384,
    /// `RS512`.
    Rs512,
    /// `PS256`.
    Ps256,
    /// `PS384`.
    Ps384,
    /// `PS512`.
    Ps512,
    /// `ES256`.
    Es256,
    /// `ES384`.
    Es384,
    /// `EdDSA`.
    EdDsa,
}

/// `token` of an entry of `from`: a valid one of this issuer, with these claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenMatch {
    /// Whose.
    pub(crate) issuer: Spanned<Reference>,
    /// Names, or JSON pointers with a leading slash; empty: any claims.
    pub(crate) claims: Vec<Named<mesh_ir::ValueMatch>>,
    /// The mapping.
    pub(crate) span: Span,
}
