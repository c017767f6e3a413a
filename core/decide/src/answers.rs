use crate::claims::Claims;
use crate::index::{AuthorizerIndex, IssuerIndex};

/// What the world must be asked before a request can be decided. All of it at once:
/// whoever is asked may answer side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Whether these tokens are valid.
    Tokens(Vec<TokenQuestion>),
    /// Whether these authorizers agree.
    Authorize(Vec<AuthorizerIndex>),
}

/// A token that a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenQuestion {
    /// Whose it must be.
    pub issuer: IssuerIndex,
    /// As it came.
    pub token: Vec<u8>,
}

/// What the world said about one request so far. A decision that asked is asked again
/// with what it wanted to know in here: by the same tables, whose indices these are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// Each issuer once.
    pub tokens: Vec<(IssuerIndex, TokenOutcome)>,
    /// Each authorizer once.
    pub authorizers: Vec<(AuthorizerIndex, AuthorizerOutcome)>,
}

/// What a token is worth to an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenOutcome {
    /// Its signature, `iss`, `aud` and times are as they must be.
    Valid(Claims),
    /// They are not.
    Invalid,
}

/// What an authorizer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizerOutcome {
    /// It lets the request in.
    Agrees,
    /// It refuses it, with this status; 403 for one that ends no exchange.
    Refuses(u16),
    /// It said nothing in time, or nothing that can be read.
    Fails,
}

static NONE: Answers = Answers {
    tokens: vec![],
    authorizers: vec![],
};

impl Answers {
    /// Nothing was asked yet.
    pub const fn none() -> &'static Self {
        &NONE
    }

    /// The claims of the valid token of an issuer.
    pub(crate) fn claims(&self, issuer: IssuerIndex) -> Option<&Claims> {
        match self.token(issuer)? {
            TokenOutcome::Valid(claims) => Some(claims),
            TokenOutcome::Invalid => None,
        }
    }

    pub(crate) fn token(&self, issuer: IssuerIndex) -> Option<&TokenOutcome> {
        let mut all = self.tokens.iter();
        all.find(|(of, _)| *of == issuer)
            .map(|(_, outcome)| outcome)
    }

    pub(crate) fn authorizer(&self, asked: AuthorizerIndex) -> Option<AuthorizerOutcome> {
        let mut all = self.authorizers.iter();
        all.find(|(of, _)| *of == asked)
            .map(|(_, outcome)| *outcome)
    }
}
