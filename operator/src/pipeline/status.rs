use std::collections::VecDeque;

use crate::metrics::Pulse;
use crate::plan::{Plan, Unplanned};
use crate::store::{CommitRecord, MAX_COMMITS, Outcome};

/// What is shown of the pipeline. A value; a new one per change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// Newest first.
    pub(crate) commits: Vec<CommitRecord>,
    /// The commit that is live.
    pub(crate) live: Option<String>,
    /// Whether the repository can be followed.
    pub(crate) source: Condition,
    /// Whether the inventory is used as it is.
    pub(crate) inventory: Condition,
    /// Workloads that get nothing.
    pub(crate) unplanned: Vec<Unplanned>,
}

impl Status {
    /// The same for the gauges.
    pub(super) fn pulse(&self) -> Pulse<'_> {
        let live = self.live.as_deref().and_then(|live| {
            let commit = self.commits.iter().find(|commit| commit.id == live)?;
            Some((live, commit.seen_at))
        });
        Pulse {
            live,
            source_up: self.source.problem.is_none(),
            inventory_up: self.inventory.problem.is_none(),
        }
    }
}

/// Whether something works, and if not, why and since when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Condition {
    /// A word for machines and a sentence for people.
    pub(crate) problem: Option<(&'static str, String)>,
    /// When that changed last, in Unix milliseconds.
    pub(crate) since: u64,
}

impl Condition {
    pub(crate) fn ok(now: u64) -> Self {
        Self {
            problem: None,
            since: now,
        }
    }

    pub(crate) fn problem(word: &'static str, message: String, now: u64) -> Self {
        Self {
            problem: Some((word, message)),
            since: now,
        }
    }
}

/// The last commits and the conditions: what [`Status`] is made from.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Oldest first.
    commits: VecDeque<CommitRecord>,
    source: Condition,
    inventory: Condition,
}

impl History {
    /// From the store, oldest first.
    pub(crate) fn new(commits: Vec<CommitRecord>) -> Self {
        Self {
            commits: commits.into(),
            ..Self::default()
        }
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.commits.back().map_or(1, |commit| commit.sequence + 1)
    }

    /// What is known of a commit; of several times that it was followed, the last.
    pub(super) fn find(&self, id: &str) -> Option<&CommitRecord> {
        self.commits.iter().rev().find(|commit| commit.id == id)
    }

    pub(super) fn newest_is(&self, id: &str) -> bool {
        self.commits.back().is_some_and(|commit| commit.id == id)
    }

    /// Adds a commit, or replaces what was known of it.
    pub(super) fn put(&mut self, record: CommitRecord) {
        let known = self
            .commits
            .iter_mut()
            .find(|commit| commit.sequence == record.sequence);
        match known {
            Some(commit) => *commit = record,
            None => self.commits.push_back(record),
        }
        while self.commits.len() > MAX_COMMITS {
            self.commits.pop_front();
        }
    }

    /// Commits that never got an outcome because this later one came: superseded.
    pub(super) fn unfinished_before(&self, later: &CommitRecord) -> Vec<CommitRecord> {
        self.superseded(Outcome::Pending, later)
    }

    /// What ran before this commit, which goes live: superseded.
    pub(super) fn replaced_by(&self, live: &CommitRecord) -> Vec<CommitRecord> {
        self.superseded(Outcome::Live, live)
    }

    fn superseded(&self, outcome: Outcome, by: &CommitRecord) -> Vec<CommitRecord> {
        self.commits
            .iter()
            .filter(|commit| commit.outcome == outcome && commit.sequence != by.sequence)
            .map(|commit| CommitRecord {
                outcome: Outcome::Superseded,
                ..commit.clone()
            })
            .collect()
    }

    pub(super) fn set_source(&mut self, condition: Condition) {
        set("repository", &mut self.source, condition);
    }

    pub(super) fn set_inventory(&mut self, condition: Condition) {
        set("inventory", &mut self.inventory, condition);
    }

    pub(super) fn status(&self, plan: Option<&Plan>) -> Status {
        Status {
            commits: self.commits.iter().rev().cloned().collect(),
            live: plan.map(|plan| plan.commit.to_string()),
            source: self.source.clone(),
            inventory: self.inventory.clone(),
            unplanned: plan.map(|plan| plan.unplanned.clone()).unwrap_or_default(),
        }
    }
}

/// The instant of the last change is kept, and a change is logged once.
fn set(what: &str, current: &mut Condition, new: Condition) {
    if current.problem == new.problem {
        return;
    }
    if let Some((word, message)) = &new.problem {
        tracing::warn!(word, "{what}: {message}");
    } else {
        tracing::info!("{what}: in order again");
    }
    *current = new;
}
