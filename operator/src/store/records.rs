use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_compiler::render::Record;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Change, Store, StoreError, Table};

/// Before every record.
const VERSION: u8 = 1;
/// The commits that are remembered.
pub(crate) const MAX_COMMITS: usize = 200;

const LIVE: &[u8] = b"live";
const SOURCE: &[u8] = b"source";

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Seen; what follows is not known yet. After a crash it is looked at again.
    Pending,
    /// It runs.
    Live,
    /// It does not, and says why.
    Rejected,
    /// It ran until a later one took its place.
    Superseded,
}

/// A commit and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommitRecord {
    /// Rises with each commit seen.
    pub(crate) sequence: u64,
    /// The object name, or `files-<hash>`.
    pub(crate) id: String,
    /// In Unix seconds; what exceptions are held against.
    pub(crate) time: i64,
    pub(crate) author: String,
    pub(crate) summary: String,
    /// In Unix milliseconds.
    pub(crate) seen_at: u64,
    pub(crate) outcome: Outcome,
    /// Errors of a rejected commit, warnings of a live one; the first hundred.
    pub(crate) diagnostics: Vec<Record>,
}

/// What is live: enough to plan the same again after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LiveRecord {
    pub(crate) commit: String,
    pub(crate) time: i64,
    /// SHA-256 of the sources, the name of their file.
    pub(crate) sources: String,
    pub(crate) epoch: u64,
    pub(crate) roles: BTreeMap<String, RoleRecord>,
}

/// The bundle that a role holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoleRecord {
    pub(crate) epoch: u64,
    pub(crate) commit: String,
    pub(crate) digest: String,
}

/// What is followed, and how far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceRecord {
    /// Repository, branch and directory as configured: ancestry is asked for only
    /// while they stay the same.
    pub(crate) source: String,
    /// The last commit that was followed, whatever became of it.
    pub(crate) head: Option<String>,
}

/// Everything that a start needs.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Oldest first.
    pub(crate) commits: Vec<CommitRecord>,
    pub(crate) live: Option<LiveRecord>,
    pub(crate) source: SourceRecord,
}

/// The records of the pipeline in a [`Store`].
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    store: Arc<dyn Store>,
}

impl Ledger {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Reads everything. One record that cannot be read is an error: a store is
    /// never used in part.
    pub(crate) fn load(&self) -> Result<State, StoreError> {
        let mut commits = Vec::new();
        for (key, value) in self.store.scan(Table::Commits)? {
            commits.push(decode(&key, &value)?);
        }
        let read = |key| self.store.get(Table::State, key);
        let live = read(LIVE)?.map(|value| decode(LIVE, &value)).transpose()?;
        let source = read(SOURCE)?.map(|value| decode(SOURCE, &value));
        Ok(State {
            commits,
            live,
            source: source.transpose()?.unwrap_or_default(),
        })
    }

    /// Records commits, and with them what is followed and what is live, at once.
    pub(crate) fn record(
        &self,
        commits: &[CommitRecord],
        source: Option<&SourceRecord>,
        live: Option<&LiveRecord>,
    ) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        for commit in commits {
            let key = commit.sequence.to_be_bytes().to_vec();
            changes.push(Change::Put(Table::Commits, key, encode(commit)));
            if let Some(old) = commit.sequence.checked_sub(MAX_COMMITS as u64) {
                changes.push(Change::Remove(Table::Commits, old.to_be_bytes().to_vec()));
            }
        }
        let state = |key: &[u8], value| Change::Put(Table::State, key.to_vec(), value);
        changes.extend(source.map(|source| state(SOURCE, encode(source))));
        changes.extend(live.map(|live| state(LIVE, encode(live))));
        self.store.write(&changes)
    }
}

fn encode(record: &impl Serialize) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    serde_json::to_writer(&mut bytes, record).expect("texts and numbers are JSON");
    bytes
}

fn decode<T: DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
    let refused = |reason: String| StoreError::Record {
        key: String::from_utf8_lossy(key).escape_debug().to_string(),
        reason,
    };
    match bytes.split_first() {
        Some((&VERSION, json)) => {
            serde_json::from_slice(json).map_err(|error| refused(error.to_string()))
        }
        Some((version, _)) => Err(refused(format!(
            "it has version {version}, this program knows {VERSION}"
        ))),
        None => Err(refused("it is empty".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::RedbStore;
    use super::*;

    fn commit(sequence: u64) -> CommitRecord {
        CommitRecord {
            sequence,
            id: format!("{sequence:040x}"),
            time: 0,
            author: "Ada".to_owned(),
            summary: String::new(),
            seen_at: 0,
            outcome: Outcome::Pending,
            diagnostics: Vec::new(),
        }
    }

    fn ledger() -> (tempfile::TempDir, Ledger, Arc<dyn Store>) {
        let root = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&root.path().join("store.redb")).unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        (root, Ledger::new(store.clone()), store)
    }

    #[test]
    fn the_oldest_commits_are_forgotten() {
        let (_root, ledger, _) = ledger();
        for sequence in 0..=MAX_COMMITS as u64 {
            ledger.record(&[commit(sequence)], None, None).unwrap();
        }
        let commits = ledger.load().unwrap().commits;
        assert_eq!(commits.len(), MAX_COMMITS);
        assert_eq!(commits[0].sequence, 1);
    }

    #[test]
    fn a_record_of_another_version_is_refused_by_name() {
        let (_root, ledger, store) = ledger();
        let newer = Change::Put(Table::State, LIVE.to_vec(), b"\x02{}".to_vec());
        store.write(&[newer]).unwrap();
        let error = ledger.load().unwrap_err().to_string();
        assert!(
            error.contains("`live`") && error.contains("version 2"),
            "{error}"
        );
    }
}
