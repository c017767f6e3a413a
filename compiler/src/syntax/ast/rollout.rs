use std::time::Duration;

use mesh_ir::{Name, Percent};

use super::Spanned;
use crate::diagnostic::Span;

/// `spec` of a `Rollout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rollout {
    /// Never empty.
    pub(crate) waves: Vec<Wave>,
    /// What stops it.
    pub(crate) gates: Gates,
    /// Left out: `rollback`.
    pub(crate) on_failure: Option<Spanned<OnFailedRollout>>,
    /// Left out: `supersede`.
    pub(crate) on_new_commit: Option<Spanned<OnNewCommit>>,
    /// The share of requests that proxies still on the old commit decide by the new one too.
    pub(crate) compare: Option<Spanned<Percent>>,
}

/// One entry of `waves`; says at least one of `select`, `percent` and `count`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wave {
    /// `select.labels`: workloads with all of these, sorted by key.
    pub(crate) labels: Vec<(String, String)>,
    /// `select.namespaces`: and of one of these; empty: of any.
    pub(crate) namespaces: Vec<Spanned<Name>>,
    /// `select.locality`: and in this region, or `region/zone`.
    pub(crate) locality: Option<Spanned<String>>,
    /// How many of those selected; left out: all of them.
    pub(crate) size: Option<WaveSize>,
    /// How long it must look good before the next one.
    pub(crate) bake: Option<Spanned<Duration>>,
    /// The entry.
    pub(crate) span: Span,
}

/// `percent` or `count` of a wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaveSize {
    /// Above 0 %.
    Percent(Spanned<Percent>),
    /// At least 1.
    Count(Spanned<u32>),
}

/// `gates`; what is left out stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Gates {
    /// Proxies that refuse the bundle, at most.
    pub(crate) refusals: Option<Spanned<u32>>,
    /// `successRate.drop`, in points.
    pub(crate) success_rate: Option<Spanned<Percent>>,
    /// `latencyP99.rise`; may be above 100 %, so in thousandths of a percent as written.
    pub(crate) latency_p99: Option<Spanned<Percent>>,
    /// `denials.rise`, in points.
    pub(crate) denials: Option<Spanned<Percent>>,
}

/// A word of `onFailure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OnFailedRollout {
    /// Back to the commit before.
    Rollback,
    /// Stays where it is.
    Pause,
}

/// A word of `onNewCommit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OnNewCommit {
    /// The new one replaces the one that is rolled out.
    Supersede,
    /// The new one waits.
    Queue,
}
