use std::fmt;
use std::time::Duration;

use crate::{NamedValue, ObjectRef, Origin};

/// A `TokenIssuer`: whose JSON Web Tokens are believed, and where they are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIssuer {
    /// Namespace and name.
    pub id: ObjectRef,
    /// Where the document begins.
    pub origin: Origin,
    /// `iss` of its tokens.
    pub issuer: String,
    /// One of these is in `aud`; never empty.
    pub audiences: Vec<String>,
    /// What they are signed with.
    pub keys: TokenKeys,
    /// The first of these where there is a token is the one that counts; never empty.
    pub locations: Vec<TokenLocation>,
    /// Sorted, never empty.
    pub algorithms: Vec<TokenAlgorithm>,
    /// Whether the application gets the token.
    pub forward: bool,
    /// Claims (names, or JSON pointers with a leading slash) and the header in lower
    /// case that each becomes. Without a valid token the headers are removed. Sorted.
    pub claims_to_headers: Vec<(String, String)>,
    /// How far the clocks may differ.
    pub leeway: Duration,
}

/// The keys of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKeys {
    /// Fetched by the operator.
    Url {
        /// `https://`.
        url: String,
        /// How often.
        refresh: Duration,
    },
    /// A JSON Web Key Set, as written or read from the file beside the intents.
    Set(String),
}

/// Where a token is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenLocation {
    /// A header's value after a prefix, which is compared without ASCII case.
    Header {
        /// In lower case.
        name: String,
        /// `Bearer `; empty: the whole value.
        prefix: String,
    },
    /// A cookie's value.
    Cookie(String),
    /// A query parameter's value, decoded.
    Query(String),
}

/// A signature algorithm of RFC 7518 or RFC 8037, none that is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub enum TokenAlgorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl TokenAlgorithm {
    /// The `alg` of a token.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl fmt::Display for TokenAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `token` of an entry of `from`: a valid one of this issuer, with these claims.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenMatch {
    /// Whose.
    pub issuer: ObjectRef,
    /// All of these; names, or JSON pointers with a leading slash. Sorted.
    pub claims: Vec<NamedValue>,
}
