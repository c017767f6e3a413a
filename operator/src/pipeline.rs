//! The life of a commit: seen, fetched, compiled, planned, live – or rejected.
//!
//! Every step is in the store before it is acted on. A commit is recorded as seen
//! before it is compiled and as live before the fleet hears of it, so a process
//! killed at any point starts again with what ran, and looks again at what had no
//! outcome. A commit that is rejected changes nothing but the history.
//!
//! One task owns a [`Pipeline`] and calls it; nothing here spawns. Its methods may
//! block on the disk: the task has a thread of its own.

mod inventory;
mod judge;
mod live;
mod status;
mod task;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mesh_compiler::{Compiler, Options};
use mesh_ir::{Name, Timestamp, TrustDomain};
use mesh_source::SourceSet;
use tokio::sync::watch;

use crate::config::Rewrites;
use crate::fetch::Relation;
use crate::follow::{Follow, Look, SourceReader, Watched, follow};
use crate::metrics::Metrics;
use crate::plan::{Plan, Previous};
use crate::sources::SourcesDir;
use crate::store::{CommitRecord, Ledger, Outcome, SourceRecord, StoreError};

use live::Live;

pub(crate) use inventory::InventoryFile;
pub(crate) use status::{Condition, Status};
pub(crate) use task::follow_changes;

use status::History;

/// Where a plan goes.
pub(crate) trait Sink: Send {
    /// Takes the trust domain of the first good commit for good, and refuses any other.
    fn pin(&self, trust_domain: &TrustDomain) -> Result<(), PinError>;
    /// Makes a plan the one that the fleet is told. It is recorded already.
    fn publish(&self, plan: Arc<Plan>);
}

/// Why a trust domain is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    /// The root vouches for another one.
    #[error("the mesh is pinned to the trust domain `{0}`")]
    Other(TrustDomain),
    /// The root cannot be made or read.
    #[error("the certificate authority failed: {0}")]
    Failed(String),
}

/// What a pipeline is made of.
pub(crate) struct Parts<S> {
    pub(crate) reader: SourceReader,
    pub(crate) rewrites: Rewrites,
    /// What is followed, as a text: see [`SourceRecord::source`].
    pub(crate) source: String,
    /// The environment that commits are compiled for; `None`: the only one, or none.
    pub(crate) environment: Option<Name>,
    pub(crate) ledger: Ledger,
    pub(crate) sources: SourcesDir,
    pub(crate) inventory: InventoryFile,
    pub(crate) sink: S,
    pub(crate) status: watch::Sender<Arc<Status>>,
    pub(crate) metrics: Metrics,
}

/// Owns what is followed, what is live and what happened before.
pub(crate) struct Pipeline<S> {
    parts: Parts<S>,
    /// Remembers the files of the commit before, of which the next one changes few.
    compiler: Compiler,
    history: History,
    head: SourceRecord,
    live: Option<Live>,
    /// What the fleet holds by the store, until something is live.
    held_before: Previous,
    /// The newest commit, where it was rejected: judged again when the inventory changes.
    rejected: Option<(CommitRecord, Arc<SourceSet>)>,
    /// Whether the head has no outcome yet that this process has seen.
    unsettled: bool,
}

impl<S: Sink> Pipeline<S> {
    /// Reads the store and makes what ran the plan again, without a look at the repository.
    pub(crate) fn resume(parts: Parts<S>) -> Result<Self, StoreError> {
        let state = parts.ledger.load()?;
        let mut head = state.source;
        if head.source != parts.source {
            head = SourceRecord {
                source: parts.source.clone(),
                head: None,
            };
        }
        let history = History::new(state.commits);
        let known = head.head.as_deref().and_then(|id| history.find(id));
        let unsettled = !known
            .is_some_and(|commit| matches!(commit.outcome, Outcome::Live | Outcome::Superseded));
        let mut pipeline = Self {
            history,
            head,
            live: None,
            held_before: Previous::default(),
            rejected: None,
            unsettled,
            compiler: Compiler::new(Options {
                environment: parts.environment.clone(),
                ..Options::at(Timestamp(0))
            }),
            parts,
        };
        pipeline.reread_inventory_file();
        pipeline.parts.inventory.accept();
        if let Some(record) = state.live {
            pipeline.bring_back(record)?;
        }
        pipeline.report();
        Ok(pipeline)
    }

    /// Looks at the repository once, and takes whatever is new through its life.
    /// Gives where further changes will show.
    pub(crate) async fn look(&mut self) -> Result<Option<Vec<Watched>>, StoreError> {
        let known = self.head.head.clone();
        let again = self.unsettled || self.is_rejected_as_damaged();
        let look = match self.parts.reader.look(known.as_deref(), again).await {
            Ok(look) => look,
            Err(reason) => {
                let unreachable = Condition::problem("unreachable", reason, unix_millis());
                self.history.set_source(unreachable);
                self.report();
                return Ok(None);
            }
        };
        let watched = look.watched.clone();
        match follow(look.relation, self.parts.rewrites, again) {
            Follow::Stay => self.history.set_source(Condition::ok(unix_millis())),
            Follow::RefuseRewrite => self.refuse(&look)?,
            Follow::Take => {
                self.history.set_source(Condition::ok(unix_millis()));
                self.take(look)?;
            }
        }
        self.report();
        Ok(Some(watched))
    }

    /// Reads the inventory again; what it changes is planned with the commits as they are.
    pub(crate) fn look_at_inventory(&mut self) -> Result<(), StoreError> {
        if self.reread_inventory_file() {
            self.try_inventory()?;
        }
        self.report();
        Ok(())
    }

    /// Puts a new inventory to use, if the newest commit or the one that runs compiles
    /// with it.
    fn try_inventory(&mut self) -> Result<(), StoreError> {
        let Some(candidate) = self.parts.inventory.candidate() else {
            return Ok(());
        };
        if let Some((record, set)) = &self.rejected
            && let judge::Verdict::Compiled(compiled) = judge::judge(
                &mut self.compiler,
                set,
                Timestamp(record.time),
                Some(candidate),
            )
        {
            let (record, set) = (record.clone(), set.clone());
            self.parts.inventory.accept();
            return self.go_live(record, set, compiled);
        }
        self.plan_again()
    }

    fn reread_inventory_file(&mut self) -> bool {
        let changed = self.parts.inventory.reread();
        if let Some(reason) = self.parts.inventory.problem() {
            let unreadable = Condition::problem("unreadable", reason.to_owned(), unix_millis());
            self.history.set_inventory(unreadable);
        } else if self.parts.inventory.candidate().is_none() {
            self.history.set_inventory(Condition::ok(unix_millis()));
        }
        changed
    }

    /// A commit that is followed: recorded as seen, then settled.
    fn take(&mut self, look: Look) -> Result<(), StoreError> {
        let Some(set) = look.sources else {
            return Ok(());
        };
        let again = look.relation == Relation::Same;
        if again && !self.unsettled && self.is_rejected_with(&set) {
            return Ok(());
        }
        let record = again.then(|| self.history.find(&look.id).cloned());
        let record = record.flatten().unwrap_or_else(|| CommitRecord {
            sequence: self.history.next_sequence(),
            id: look.id.clone(),
            time: look.time,
            author: look.author,
            summary: look.summary,
            seen_at: unix_millis(),
            outcome: Outcome::Pending,
            diagnostics: Vec::new(),
        });
        self.unsettled = true;
        self.head.head = Some(look.id);
        let mut commits = self.history.unfinished_before(&record);
        commits.push(record.clone());
        self.parts.ledger.record(&commits, Some(&self.head), None)?;
        for commit in commits {
            self.history.put(commit);
        }
        self.settle(record, Arc::new(set))
    }

    /// Whether the newest commit was rejected for objects that its repository may get back.
    fn is_rejected_as_damaged(&self) -> bool {
        let rejected = self.rejected.as_ref();
        rejected.is_some_and(|(_, set)| set.is_damaged())
    }

    fn is_rejected_with(&self, set: &SourceSet) -> bool {
        let rejected = self.rejected.as_ref();
        rejected.is_some_and(|(_, known)| **known == *set)
    }

    /// Compiles a recorded commit and makes it live, or rejects it.
    fn settle(&mut self, record: CommitRecord, set: Arc<SourceSet>) -> Result<(), StoreError> {
        let now = Timestamp(record.time);
        match judge::judge(
            &mut self.compiler,
            &set,
            now,
            self.parts.inventory.current(),
        ) {
            judge::Verdict::Rejected(diagnostics) => self.reject(record, set, diagnostics),
            judge::Verdict::Compiled(compiled) => self.go_live(record, set, compiled),
        }
    }

    fn reject(
        &mut self,
        mut record: CommitRecord,
        set: Arc<SourceSet>,
        diagnostics: Vec<mesh_compiler::render::Record>,
    ) -> Result<(), StoreError> {
        let first = diagnostics.first().map(judge::one_line).unwrap_or_default();
        tracing::warn!(commit = %record.id, errors = diagnostics.len(), first, "commit rejected");
        record.outcome = Outcome::Rejected;
        record.diagnostics = diagnostics;
        self.parts
            .ledger
            .record(std::slice::from_ref(&record), None, None)?;
        self.history.put(record.clone());
        self.parts.metrics.commit(Outcome::Rejected);
        self.rejected = Some((record, set));
        self.unsettled = false;
        Ok(())
    }

    /// A rewritten branch is shown and recorded once per head, and not followed.
    fn refuse(&mut self, look: &Look) -> Result<(), StoreError> {
        let known = self.head.head.clone().unwrap_or_default();
        let message = format!(
            "the branch was rewritten: {} does not descend from {known}; \
             start the operator with --accept-rewrite to follow it",
            look.id
        );
        if !self.history.newest_is(&look.id) {
            tracing::warn!("{message}");
            let record = CommitRecord {
                sequence: self.history.next_sequence(),
                id: look.id.clone(),
                time: look.time,
                author: look.author.clone(),
                summary: look.summary.clone(),
                seen_at: unix_millis(),
                outcome: Outcome::Rejected,
                diagnostics: vec![judge::operator_error("history-rewritten", &message, None)],
            };
            self.parts
                .ledger
                .record(std::slice::from_ref(&record), None, None)?;
            self.history.put(record);
            self.parts.metrics.commit(Outcome::Rejected);
        }
        let condition = Condition::problem("history-rewritten", message, unix_millis());
        self.history.set_source(condition);
        Ok(())
    }

    fn report(&self) {
        let status = self
            .history
            .status(self.live.as_ref().map(|live| &*live.plan));
        self.parts.metrics.pipeline(&status.pulse());
        self.parts.status.send_replace(Arc::new(status));
    }
}

fn unix_millis() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
