use std::time::Duration;

use crate::{Name, Origin, Percent};

/// The `Rollout`: how a commit reaches the fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// Where the document begins.
    pub origin: Origin,
    /// In order, never empty.
    pub waves: Vec<Wave>,
    /// What stops it.
    pub gates: Gates,
    /// What a failing gate does.
    pub on_failure: OnFailedRollout,
    /// What a commit does that arrives meanwhile.
    pub on_new_commit: OnNewCommit,
    /// The share of requests that proxies still on the old commit decide by the new one too.
    pub compare: Option<Percent>,
}

/// One entry of `waves`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// The line where the entry begins.
    pub origin: Origin,
    /// Workloads with all of these. Sorted by key.
    pub labels: Vec<(String, String)>,
    /// And of one of these; empty: of any. Sorted.
    pub namespaces: Vec<Name>,
    /// And in this region, or `region/zone`.
    pub locality: Option<String>,
    /// How many of those selected; `None`: all of them.
    pub size: Option<WaveSize>,
    /// How long it must look good before the next one.
    pub bake: Duration,
}

/// How many of the workloads that a wave selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaveSize {
    /// Above 0 %.
    Percent(Percent),
    /// At least 1.
    Count(u32),
}

/// What stops a rollout; `None` stops nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Gates {
    /// Proxies that refuse the bundle, at most.
    pub refusals: Option<u32>,
    /// By how many points the success rate may drop.
    pub success_rate_drop: Option<Percent>,
    /// By how much the 99th percentile of latency may rise; may be above 100 %.
    pub latency_p99_rise: Option<Percent>,
    /// By how many points the share of denials may rise.
    pub denials_rise: Option<Percent>,
}

/// What a failing gate does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum OnFailedRollout {
    /// Back to the commit before.
    #[default]
    Rollback,
    /// Stays where it is.
    Pause,
}

/// What a commit does that arrives during a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum OnNewCommit {
    /// Replaces the one that is rolled out.
    #[default]
    Supersede,
    /// Waits.
    Queue,
}
