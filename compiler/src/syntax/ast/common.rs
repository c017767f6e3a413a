use std::fmt;
use std::time::Duration;

use mesh_ir::{InvalidName, Key, Name, ObjectRef, Percent, RetryOn, ServiceRef, Timestamp};

use crate::diagnostic::Span;

/// A value and the bytes it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// What was read.
    pub(crate) value: T,
    /// Where.
    pub(crate) span: Span,
}

impl<T> Spanned<T> {
    /// A value and where it was read.
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// `reviews` (this namespace) or `reviews.shop`. `Display` prints it as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// The name.
    pub(crate) name: Name,
    /// The namespace, where one is written.
    pub(crate) namespace: Option<Name>,
}

impl Reference {
    /// `name` or `name.namespace`.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidName> {
        let (name, namespace) = match text.split_once('.') {
            Some((name, namespace)) => (name, Some(namespace)),
            None => (text, None),
        };
        Ok(Self {
            name: Name::parse(name)?,
            namespace: namespace.map(Name::parse).transpose()?,
        })
    }

    /// What it means in a document of the namespace `here`.
    pub(crate) fn resolve(&self, here: &Name) -> ServiceRef {
        ServiceRef {
            namespace: self.namespace.as_ref().unwrap_or(here).clone(),
            name: self.name.clone(),
        }
    }
}

impl Reference {
    /// The same of an object that is no service.
    pub(crate) fn object(&self, here: &Name) -> ObjectRef {
        let ServiceRef { namespace, name } = self.resolve(here);
        ObjectRef { namespace, name }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}.{namespace}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

/// `exception: {owner, reason, expires}`, wherever something is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    /// Who answers for it; not empty.
    pub(crate) owner: Spanned<String>,
    /// Why; not empty.
    pub(crate) reason: Spanned<String>,
    /// The first instant at which it does not hold any more. A date alone is
    /// included, so this is the beginning of the next day, UTC.
    pub(crate) expires: Spanned<Timestamp>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `retries`; what is left out comes from the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retries {
    /// Retries, not tries.
    pub(crate) attempts: Option<Spanned<u32>>,
    /// In the order written; empty where left out.
    pub(crate) retry_on: Vec<Spanned<RetryOn>>,
    /// Between attempts.
    pub(crate) backoff: Option<RetriesBackoff>,
    /// Share of the requests in flight.
    pub(crate) budget: Option<Spanned<Percent>>,
    /// Only in a rule of a route.
    pub(crate) idempotent: Option<Spanned<bool>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `retries.backoff`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RetriesBackoff {
    /// The bound of the first wait.
    pub(crate) base: Option<Spanned<Duration>>,
    /// The bound of every wait.
    pub(crate) max: Option<Spanned<Duration>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// `mtls` of the mesh, of a namespace or of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mtls {
    /// `mtls.mode`.
    pub(crate) mode: Spanned<MtlsMode>,
    /// What `permissive` needs.
    pub(crate) exception: Option<Exception>,
    /// The mapping.
    pub(crate) span: Span,
}

/// A word of `mtls.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MtlsMode {
    /// Nothing else is taken.
    Strict,
    /// Plain text is taken beside it, from callers without identity.
    Permissive,
}

/// `loadBalancing`; what is left out comes from the defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoadBalancing {
    /// How one endpoint is chosen.
    pub(crate) policy: Option<Spanned<Policy>>,
    /// What `ring-hash` and `maglev` hash; empty for the others.
    pub(crate) by: Vec<Spanned<Key>>,
    /// A cookie that the proxy sets where a request lacks it; one of `by`.
    pub(crate) set_cookie: Option<SetCookie>,
    /// How long a new endpoint gets less than its share.
    pub(crate) slow_start: Option<Spanned<Duration>>,
    /// Near endpoints before far ones.
    pub(crate) locality: Option<Locality>,
    /// With fewer usable endpoints than this share of all, health is not looked at.
    pub(crate) panic: Option<Spanned<Percent>>,
    /// The mapping.
    pub(crate) span: Span,
}

/// A word of `loadBalancing.policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Policy {
    /// In turn.
    RoundRobin,
    /// By chance.
    Random,
    /// Of two drawn by chance, the one with fewer requests in flight.
    LeastRequest,
    /// Of two drawn by chance, the one with the lower peak of latency times requests in flight.
    Ewma,
    /// By a hash ring over `by`.
    RingHash,
    /// By a Maglev table over `by`.
    Maglev,
    /// The endpoint that the client addressed.
    OriginalDestination,
}

/// `setCookie`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetCookie {
    /// Its name.
    pub(crate) name: Spanned<String>,
    /// How long clients keep it; left out: until they close.
    pub(crate) ttl: Option<Spanned<Duration>>,
}

/// `locality`; says exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locality {
    /// `failover: [zone, region]`: the same zone as long as it has usable endpoints,
    /// then the same region, then the rest. Never empty; the nearer word first.
    Failover(Vec<Spanned<Near>>),
    /// `weights: {zone: 90, region: 9, elsewhere: 1}`: shares of their sum, which is not 0.
    Weights {
        /// Endpoints in the caller's zone.
        zone: u32,
        /// Those in its region.
        region: u32,
        /// All others.
        elsewhere: u32,
        /// The mapping.
        span: Span,
    },
}

/// A word of `locality.failover`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Near {
    /// The caller's zone.
    Zone,
    /// The caller's region.
    Region,
}
