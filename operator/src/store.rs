//! Small records that outlive the process: what is seen, what is live, what was
//! refused, and who may join.
//!
//! [`Store`] knows opaque bytes only. [`records`] gives them shape, each with a
//! version byte before it, so that a record of another version is refused by name.

mod records;
mod redb;

use std::path::PathBuf;

pub(crate) use self::redb::RedbStore;
pub(crate) use records::{
    CommitRecord, Ledger, LiveRecord, MAX_COMMITS, Outcome, RoleRecord, SourceRecord,
};

/// The tables of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    /// Commits by sequence number.
    Commits,
    /// What is followed and what is live, by name.
    State,
    /// Join tokens by their public half.
    Tokens,
}

/// One record put or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Replaces what is there.
    Put(Table, Vec<u8>, Vec<u8>),
    /// Removes what is there, if it is.
    Remove(Table, Vec<u8>),
}

/// Key and value.
pub(crate) type StoredRecord = (Vec<u8>, Vec<u8>);

/// An ordered map of bytes per table; every write is durable when it returns.
pub(crate) trait Store: Send + Sync + std::fmt::Debug {
    /// One record.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Every record of a table in the order of keys.
    fn scan(&self, table: Table) -> Result<Vec<StoredRecord>, StoreError>;
    /// All changes or none.
    fn write(&self, changes: &[Change]) -> Result<(), StoreError>;
    /// Removes one record and gives it to exactly one caller.
    fn take(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
}

/// What can go wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Two operators on one state directory.
    #[error(
        "the store `{}` is open in another process: is an operator running on this state directory?",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is no store, or is damaged.
    #[error("the store `{}` cannot be opened: {reason}; move it away to start anew", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database says.
        reason: String,
    },
    /// A transaction failed.
    #[error("the store failed: {0}")]
    Transaction(String),
    /// A record was written by another version, or is damaged.
    #[error("the record `{key}` of the store cannot be read: {reason}")]
    Record {
        /// Which.
        key: String,
        /// Why.
        reason: String,
    },
}
