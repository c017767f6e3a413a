use std::fmt;

use crate::rule::RuleIndex;

/// Sees what a decision looks at, in order. `()` sees nothing and costs nothing.
pub trait Observer {
    /// One thing was looked at.
    fn step(&mut self, step: Step);
}

impl Observer for () {
    fn step(&mut self, _: Step) {}
}

impl Observer for Vec<Step> {
    fn step(&mut self, step: Step) {
        self.push(step);
    }
}

/// One thing that a decision looked at, and what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub what: What,
    /// What it found.
    pub found: Found,
    /// The rule, document or line concerned.
    pub rule: Option<RuleIndex>,
}

/// What a decision looks at. `Display` prints words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Method, target, host.
    NormalForm,
    /// The host, in the proxy's view.
    View,
    /// The port that the host means.
    Port,
    /// A rule of a `Route`.
    Rule,
    /// The backend of a rule that was drawn.
    Backend,
    /// A `deny` entry.
    Deny,
    /// An `allow` entry.
    Allow,
    /// An `audit` entry.
    Audit,
    /// The `access.default` line.
    Default,
    /// Whether the caller proves an identity.
    Mtls,
    /// A token.
    Token,
    /// An authorizer.
    Authorizer,
    /// The listener of a gateway that a host belongs to.
    Listener,
    /// A limit.
    Limit,
    /// All `Access` documents together, shadow ones included.
    Shadow,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NormalForm => "normal form",
            Self::View => "view",
            Self::Port => "port",
            Self::Rule => "route rule",
            Self::Backend => "backend",
            Self::Deny => "deny",
            Self::Allow => "allow",
            Self::Audit => "audit",
            Self::Default => "access.default",
            Self::Mtls => "mutual TLS",
            Self::Token => "token",
            Self::Authorizer => "authorizer",
            Self::Listener => "listener",
            Self::Limit => "limit",
            Self::Shadow => "with shadow documents",
        })
    }
}

/// What was found. `Display` prints words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It is as it must be.
    Fine,
    /// It matches.
    Matches,
    /// It does not match, because of this.
    Misses(Why),
    /// Its exception has ended, so it says nothing.
    Expired,
    /// It has room, and of what a full bucket holds so much is left after this request.
    Room {
        /// Whole requests that still have room.
        left: u64,
        /// The burst.
        of: u64,
    },
    /// It has no room.
    NoRoom,
    /// It lets the request in.
    Allows,
    /// It refuses the request.
    Refuses,
    /// It is refused, for this reason.
    Wrong(&'static str),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine => f.write_str("fine"),
            Self::Matches => f.write_str("matches"),
            Self::Misses(why) => write!(f, "does not match: {why}"),
            Self::Expired => f.write_str("its exception has expired"),
            Self::Room { left, of } => write!(f, "has room, {left} of a burst of {of} left"),
            Self::NoRoom => f.write_str("has no room"),
            Self::Allows => f.write_str("allows"),
            Self::Refuses => f.write_str("refuses"),
            Self::Wrong(reason) => f.write_str(reason),
        }
    }
}

/// The first condition that an entry's best match fails on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Another host.
    Host,
    /// Another caller.
    Caller,
    /// Another method.
    Method,
    /// Another path, in at least one reading.
    Path,
    /// A header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
    /// A `not` takes it out.
    Not,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "the host",
            Self::Caller => "the caller",
            Self::Method => "the method",
            Self::Path => "the path",
            Self::Header => "a header",
            Self::Query => "a query parameter",
            Self::Cookie => "a cookie",
            Self::Not => "a `not` takes it out",
        })
    }
}
