use std::net::IpAddr;
use std::time::Duration;

use mesh_ir::{Host, Timestamp, ValueMatch};

use super::{Named, Reference, Spanned, Who};
use crate::diagnostic::Span;

/// `spec` of a `PolicyTest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyTest {
    /// Never empty.
    pub(crate) cases: Vec<Case>,
}

/// One entry of `cases`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    /// A sentence; what reports call it.
    pub(crate) name: Spanned<String>,
    /// Who asks. A namespace stands for every account of it. Never `Authenticated`.
    pub(crate) from: Who,
    /// What is asked.
    pub(crate) request: TestRequest,
    /// What comes out.
    pub(crate) expect: Expectation,
    /// The entry.
    pub(crate) span: Span,
}

/// `request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestRequest {
    /// Left out: `GET`; of a `tcp` or `tls` URL it means nothing.
    pub(crate) method: Option<Spanned<String>>,
    /// `scheme://host[:port][/path][?query]`; the scheme is http, https, grpc, tcp or tls.
    pub(crate) url: Spanned<TestUrl>,
    /// Names in lower case.
    pub(crate) headers: Vec<Named<String>>,
    /// Whose token the claims are from; left out: of every issuer that is asked for.
    pub(crate) issuer: Option<Spanned<Reference>>,
    /// The claims of a valid token; left out: there is no token.
    pub(crate) claims: Option<Spanned<serde_json::Map<String, serde_json::Value>>>,
    /// The caller's address; left out: one that no intent names.
    pub(crate) address: Option<Spanned<IpAddr>>,
    /// When; left out: the time of the compilation.
    pub(crate) time: Option<Spanned<Timestamp>>,
}

/// `url`, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestUrl {
    /// As written.
    pub(crate) text: String,
    /// Before `://`.
    pub(crate) scheme: TestScheme,
    /// In canonical form.
    pub(crate) host: Host,
    /// As written.
    pub(crate) port: Option<u16>,
    /// Path and query as sent, `/` where nothing is written.
    pub(crate) target: String,
}

/// A scheme of `url`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TestScheme {
    /// `http`.
    Http,
    /// `https`: to a listener of a gateway that ends TLS.
    Https,
    /// `tcp`: a connection.
    Tcp,
    /// `tls`: a connection with this server name.
    Tls,
}

/// `expect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expectation {
    /// It is sent on. What is left out may be anything.
    Forward(Box<ExpectForward>),
    /// It is answered with another place.
    Redirect {
        /// The rule that answers.
        rule: Option<Spanned<String>>,
        /// The status.
        status: Option<Spanned<u16>>,
        /// `location`.
        location: Option<Spanned<String>>,
        /// The mapping.
        span: Span,
    },
    /// It is answered by a rule.
    Respond {
        /// The status.
        status: Option<Spanned<u16>>,
        /// The body.
        body: Option<Spanned<String>>,
        /// The rule that answers.
        rule: Option<Spanned<String>>,
        /// The mapping.
        span: Span,
    },
    /// It is refused.
    Refuse {
        /// The status.
        status: Option<Spanned<u16>>,
        /// `x-mesh-reason`.
        reason: Option<Spanned<String>>,
        /// The rule that refuses.
        rule: Option<Spanned<String>>,
        /// The mapping.
        span: Span,
    },
}

/// `expect.forward`; may be `{}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpectForward {
    /// The rule that decides: its name or its id.
    pub(crate) rule: Option<Spanned<String>>,
    /// The service that it ends at.
    pub(crate) service: Option<Spanned<Reference>>,
    /// Versions and their weights, as shares of their sum.
    pub(crate) versions: Vec<Named<u32>>,
    /// Other services and their weights, as shares of the same sum.
    pub(crate) services: Vec<(Spanned<Reference>, Spanned<u32>)>,
    /// The whole exchange; `None` within is `none`.
    pub(crate) timeout: Option<Spanned<Option<Duration>>>,
    /// One attempt.
    pub(crate) per_try_timeout: Option<Spanned<Duration>>,
    /// Retries.
    pub(crate) attempts: Option<Spanned<u32>>,
    /// What the upstream gets as path and query.
    pub(crate) path: Option<Spanned<String>>,
    /// What it gets as host.
    pub(crate) host: Option<Spanned<Host>>,
    /// What it gets as headers, after edits; names in lower case.
    pub(crate) headers: Vec<Named<ValueMatch>>,
    /// The mapping.
    pub(crate) span: Span,
}
