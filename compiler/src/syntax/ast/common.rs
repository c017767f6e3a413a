use std::fmt;
use std::time::Duration;

use mesh_ir::{Name, Percent, RetryOn, ServiceRef, Timestamp};

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
    /// What it means in a document of the namespace `here`.
    pub(crate) fn resolve(&self, here: &Name) -> ServiceRef {
        ServiceRef {
            namespace: self.namespace.as_ref().unwrap_or(here).clone(),
            name: self.name.clone(),
        }
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
