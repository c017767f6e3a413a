use std::time::Duration;

use mesh_ir::{Host, Key, Name, Percent};

use super::{Caller, Named, Reference, RequestMatch, Retries, Spanned, Target};
use crate::diagnostic::Span;

/// `spec` of a `Route`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// What it speaks of.
    pub(crate) target: Target,
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
    /// Who may read the answers from scripts of other origins.
    pub(crate) cors: Option<Cors>,
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
    /// Where requests go when what was drawn has no endpoint to take them; without weights.
    pub(crate) fallback: Vec<Backend>,
    /// Who gets copies.
    pub(crate) mirror: Vec<Mirror>,
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
    /// How long an exchange may last after its answer began; `None` within is `none`.
    pub(crate) max_duration: Option<Spanned<Option<Duration>>>,
    /// What goes wrong on purpose.
    pub(crate) fault: Option<Fault>,
}

/// One entry of `mirror`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mirror {
    /// Who.
    pub(crate) target: BackendTarget,
    /// Of the other service; left out: the only one.
    pub(crate) port: Option<Spanned<Name>>,
    /// The share of requests; left out: all.
    pub(crate) percent: Option<Spanned<Percent>>,
    /// The entry.
    pub(crate) span: Span,
}

/// `fault`; says at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Before the request is sent.
    pub(crate) delay: Option<FaultDelay>,
    /// Instead of sending it.
    pub(crate) abort: Option<FaultAbort>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `fault.delay`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultDelay {
    /// How long.
    pub(crate) duration: Spanned<Duration>,
    /// The share of requests; left out: all.
    pub(crate) percent: Option<Spanned<Percent>>,
}

/// `fault.abort`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultAbort {
    /// The answer.
    pub(crate) answer: AbortWith,
    /// The share of requests; left out: all.
    pub(crate) percent: Option<Spanned<Percent>>,
}

/// `status` or `grpc` of `fault.abort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AbortWith {
    /// 200 to 599.
    Status(Spanned<u16>),
    /// The number of a gRPC status, 1 to 16.
    Grpc(Spanned<u8>),
}

/// `cors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cors {
    /// Never empty.
    pub(crate) origins: Vec<Spanned<Origin>>,
    /// Empty: those of the rule, or GET, HEAD and POST.
    pub(crate) methods: Vec<Spanned<String>>,
    /// Headers that a script may send, in lower case.
    pub(crate) headers: Vec<Spanned<String>>,
    /// Headers that a script may read, in lower case.
    pub(crate) expose: Vec<Spanned<String>>,
    /// Whether cookies go along; not with `Origin::Any`.
    pub(crate) credentials: Option<Spanned<bool>>,
    /// How long a browser remembers the answer.
    pub(crate) max_age: Option<Spanned<Duration>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// An entry of `cors.origins`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// `https://shop.example`, perhaps with a port; as browsers write it.
    Exactly(String),
    /// `{regex: …}`, over the whole origin.
    Regex(String),
    /// `"*"`.
    Any,
}

/// One entry of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    /// Where.
    pub(crate) target: BackendTarget,
    /// Of another service; left out: the only one.
    pub(crate) port: Option<Spanned<Name>>,
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
    /// `external: payments-api`.
    External(Spanned<Reference>),
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
