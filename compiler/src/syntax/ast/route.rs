use std::time::Duration;

use mesh_ir::{Host, Key, Name};

use super::{Caller, Named, Reference, RequestMatch, Retries, Spanned};
use crate::diagnostic::Span;

/// `spec` of a `Route`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// What it speaks of.
    pub(crate) service: Spanned<Reference>,
    /// Left out: the only one.
    pub(crate) ports: Vec<Spanned<Name>>,
    /// Never empty.
    pub(crate) rules: Vec<Rule>,
}

/// One entry of `rules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// What it is called in logs.
    pub(crate) name: Option<Spanned<Name>>,
    /// Settles an overlap on purpose.
    pub(crate) priority: Option<Spanned<i32>>,
    /// Any of these callers; empty: every caller.
    pub(crate) from: Vec<Caller>,
    /// Any of these; empty: every request.
    pub(crate) matches: Vec<RequestMatch>,
    /// The one outcome.
    pub(crate) action: Action,
    /// The entry.
    pub(crate) span: Span,
}

/// The outcome of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every rule forwards: a box would cost more than it saves"
)]
pub(crate) enum Action {
    /// Neither `redirect` nor `respond` is written.
    Forward(Forward),
    /// `redirect`.
    Redirect(Redirect),
    /// `respond`.
    Respond(Respond),
}

/// What a rule that forwards says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forward {
    /// Left out: the target, all versions.
    pub(crate) to: Vec<Backend>,
    /// Keeps who once drew a backend on it.
    pub(crate) split_by: Vec<Spanned<Key>>,
    /// What the upstream sees instead.
    pub(crate) rewrite: Option<Rewrite>,
    /// Edits.
    pub(crate) headers: Headers,
    /// The whole exchange; `None` within is `none`.
    pub(crate) timeout: Option<Spanned<Option<Duration>>>,
    /// One attempt.
    pub(crate) per_try_timeout: Option<Spanned<Duration>>,
    /// When an attempt is repeated.
    pub(crate) retries: Option<Retries>,
}

/// One entry of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    /// Where.
    pub(crate) target: BackendTarget,
    /// Its share.
    pub(crate) weight: Option<Spanned<u32>>,
    /// Edits, after the rule's.
    pub(crate) headers: Headers,
    /// The entry.
    pub(crate) span: Span,
}

/// Where a backend sends requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BackendTarget {
    /// `version: v2` of the route's own service.
    Version(Spanned<Name>),
    /// `service: reviews-archive`.
    Service(Spanned<Reference>),
}

/// `headers` of a rule or a backend.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Headers {
    /// On the way out.
    pub(crate) request: HeaderEdits,
    /// On the way back.
    pub(crate) response: HeaderEdits,
}

/// Edits of one header section. Names in lower case, never one that frames a
/// message, names its host or carries an identity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HeaderEdits {
    /// Replace.
    pub(crate) set: Vec<Named<String>>,
    /// One more value.
    pub(crate) add: Vec<Named<String>>,
    /// Drop.
    pub(crate) remove: Vec<Spanned<String>>,
}

/// `rewrite`; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rewrite {
    /// The new path.
    pub(crate) path: Option<Spanned<PathTemplate>>,
    /// The new host.
    pub(crate) host: Option<Spanned<Host>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `redirect`; says at least one of scheme, host, port and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub(crate) status: Option<Spanned<u16>>,
    /// `http` or `https`.
    pub(crate) scheme: Option<Spanned<String>>,
    /// The new host.
    pub(crate) host: Option<Spanned<Host>>,
    /// The new port.
    pub(crate) port: Option<Spanned<u16>>,
    /// The new path.
    pub(crate) path: Option<Spanned<PathTemplate>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `respond`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Respond {
    /// 200 to 599.
    pub(crate) status: Spanned<u16>,
    /// Names in lower case.
    pub(crate) headers: Vec<Named<String>>,
    /// At most 64 KiB.
    pub(crate) body: Option<Spanned<String>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// The text of a path with `$1`…`$9` and perhaps a trailing `/**`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathTemplate {
    /// As written.
    pub(crate) text: String,
    /// The captures it names, sorted, each once.
    pub(crate) captures: Vec<u8>,
    /// Ends in `/**`: needs a match whose every path does.
    pub(crate) below: bool,
}
