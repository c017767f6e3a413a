use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_compiler::render::Record;
use mesh_ir::{Bundle, CommitId, Digest, Epoch, Mesh, Timestamp};
use mesh_source::SourceSet;
use mesh_xds::parse_digest;

use super::judge::{self, Compiled, Verdict};
use super::{Condition, PinError, Pipeline, Sink, unix_millis};
use crate::plan::{Ingredients, Plan, Previous, RoleKey, next_epoch};
use crate::store::{CommitRecord, LiveRecord, Outcome, RoleRecord, StoreError};

/// What runs.
pub(super) struct Live {
    pub(super) record: LiveRecord,
    pub(super) set: Arc<SourceSet>,
    pub(super) plan: Arc<Plan>,
}

impl<S: Sink> Pipeline<S> {
    /// After a restart: the commit that ran is compiled from the sources beside the
    /// store and planned with the bundles that the fleet holds, so that nothing is
    /// sent again. Where that fails, status says so and the repository is read as
    /// if for the first time.
    pub(super) fn bring_back(&mut self, record: LiveRecord) -> Result<(), StoreError> {
        let Some(digest) = parse_digest(&record.sources) else {
            return Err(damaged("sources", &record.sources));
        };
        let previous = previous(&record)?;
        self.held_before.clone_from(&previous);
        match self.compile_again(&record, &digest) {
            Ok((set, mesh)) => {
                tracing::info!(commit = %record.commit, "resumed the last good commit");
                self.plan_and_publish(record, set, mesh, &previous, &[])
            }
            Err(reason) => {
                self.unsettled = true;
                let message = format!("cannot resume {}: {reason}", record.commit);
                let condition = Condition::problem("not-resumed", message, unix_millis());
                self.history.set_source(condition);
                Ok(())
            }
        }
    }

    fn compile_again(
        &mut self,
        record: &LiveRecord,
        sources: &Digest,
    ) -> Result<(Arc<SourceSet>, Arc<Mesh>), String> {
        let set = self.parts.sources.load(sources);
        let set = set.map_err(|error| error.to_string())?;
        let now = Timestamp(record.time);
        let mut verdict = judge::judge(
            &mut self.compiler,
            &set,
            now,
            self.parts.inventory.current(),
        );
        if let Verdict::Rejected(errors) = &verdict {
            // The inventory may have changed while nobody looked: without it, then.
            self.inventory_waits(errors);
            verdict = judge::judge(&mut self.compiler, &set, now, None);
        }
        let mesh = match verdict {
            Verdict::Compiled(compiled) => compiled.mesh,
            Verdict::Rejected(errors) => {
                let first = errors.first().map(judge::one_line).unwrap_or_default();
                return Err(format!("it does not compile any more: {first}"));
            }
        };
        let pinned = self.parts.sink.pin(&mesh.settings.trust_domain);
        pinned.map_err(|error| error.to_string())?;
        Ok((Arc::new(set), mesh))
    }

    /// A commit that compiled: pinned, kept, planned, recorded, told.
    pub(super) fn go_live(
        &mut self,
        mut record: CommitRecord,
        set: Arc<SourceSet>,
        compiled: Compiled,
    ) -> Result<(), StoreError> {
        let Compiled { mesh, warnings } = compiled;
        let settings = &mesh.settings;
        match self.parts.sink.pin(&settings.trust_domain) {
            Ok(()) => {}
            Err(error @ PinError::Other(_)) => {
                let message = format!("{error}; a commit cannot change it");
                let origin = Some(&settings.origin);
                let error = judge::operator_error("trust-domain-pinned", &message, origin);
                return self.reject(record, set, vec![error]);
            }
            Err(PinError::Failed(reason)) => {
                self.wait(&record, &reason);
                return Ok(());
            }
        }
        let kept = match self.parts.sources.keep(&set) {
            Ok(digest) => digest,
            Err(error) => {
                self.wait(&record, &error.to_string());
                return Ok(());
            }
        };
        record.outcome = Outcome::Live;
        record.diagnostics = warnings;
        let live = LiveRecord {
            commit: record.id.clone(),
            time: record.time,
            sources: kept.to_string(),
            epoch: 0,
            roles: BTreeMap::new(),
        };
        let mut commits = self.history.replaced_by(&record);
        commits.push(record.clone());
        self.plan_and_publish(live, set, mesh, &self.held(), &commits)?;
        self.parts.sources.keep_only(&kept);
        self.parts.metrics.commit(Outcome::Live);
        self.rejected = None;
        self.unsettled = false;
        let summary = record.summary.escape_debug();
        tracing::info!(commit = %record.id, %summary, "commit live");
        if self.parts.inventory.candidate().is_some() {
            self.plan_again()?;
        }
        Ok(())
    }

    /// Another inventory: the commit that runs, planned again with it, if it compiles.
    pub(super) fn plan_again(&mut self) -> Result<(), StoreError> {
        let Some(live) = &self.live else {
            self.parts.inventory.accept();
            return Ok(());
        };
        let (record, set) = (live.record.clone(), live.set.clone());
        let candidate = self.parts.inventory.candidate();
        let now = Timestamp(record.time);
        match judge::judge(&mut self.compiler, &set, now, candidate) {
            Verdict::Compiled(compiled) => {
                self.parts.inventory.accept();
                self.history.set_inventory(Condition::ok(unix_millis()));
                self.plan_and_publish(record, set, compiled.mesh, &self.held(), &[])
            }
            Verdict::Rejected(errors) => {
                self.inventory_waits(&errors);
                Ok(())
            }
        }
    }

    fn inventory_waits(&mut self, errors: &[Record]) {
        let first = errors.first().map(judge::one_line).unwrap_or_default();
        let message = format!("what runs does not compile with it: {first}");
        let condition = Condition::problem("does-not-compile", message, unix_millis());
        self.history.set_inventory(condition);
    }

    fn held(&self) -> Previous {
        let live = self.live.as_ref();
        live.map_or_else(|| self.held_before.clone(), |live| live.plan.held())
    }

    fn plan_and_publish(
        &mut self,
        mut record: LiveRecord,
        set: Arc<SourceSet>,
        mesh: Arc<Mesh>,
        previous: &Previous,
        commits: &[CommitRecord],
    ) -> Result<(), StoreError> {
        let empty = mesh_ir::Inventory::default();
        let plan = Arc::new(Plan::build(Ingredients {
            mesh,
            inventory: self.parts.inventory.current().unwrap_or(&empty),
            commit: CommitId(record.commit.as_str().into()),
            previous,
            next_epoch: next_epoch(previous.epoch, unix_millis()),
        }));
        let held = plan.held();
        if held != *previous || !commits.is_empty() {
            record.epoch = plan.epoch.0;
            record.roles = held.bundles.iter().map(role_record).collect();
            self.parts.ledger.record(commits, None, Some(&record))?;
        }
        for commit in commits {
            self.history.put(commit.clone());
        }
        self.live = Some(Live {
            record,
            set,
            plan: plan.clone(),
        });
        self.parts.sink.publish(plan);
        Ok(())
    }

    /// Something of the operator's own failed: the commit keeps no outcome and is
    /// taken up again at the next look.
    fn wait(&mut self, record: &CommitRecord, reason: &str) {
        tracing::error!(commit = %record.id, reason, "the commit waits");
        let message = format!("{} compiled and waits: {reason}", record.id);
        let condition = Condition::problem("waiting", message, unix_millis());
        self.history.set_source(condition);
    }
}

fn role_record((key, bundle): (&RoleKey, &Bundle)) -> (String, RoleRecord) {
    let record = RoleRecord {
        epoch: bundle.epoch.0,
        commit: bundle.commit.to_string(),
        digest: bundle.digest.to_string(),
    };
    (key.0.clone(), record)
}

fn previous(record: &LiveRecord) -> Result<Previous, StoreError> {
    let mut bundles = BTreeMap::new();
    for (key, role) in &record.roles {
        let digest = parse_digest(&role.digest).ok_or_else(|| damaged("digest", &role.digest))?;
        let bundle = Bundle {
            epoch: Epoch(role.epoch),
            commit: CommitId(role.commit.as_str().into()),
            digest,
        };
        bundles.insert(RoleKey(key.clone()), bundle);
    }
    Ok(Previous {
        epoch: Some(Epoch(record.epoch)),
        bundles,
    })
}

fn damaged(what: &str, text: &str) -> StoreError {
    StoreError::Record {
        key: "live".to_owned(),
        reason: format!("its {what} `{}` is no digest", text.escape_debug()),
    }
}
