use std::path::Path;

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Change, Store, StoreError, StoredRecord, Table};

type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;

const TABLES: [Table; 3] = [Table::Commits, Table::State, Table::Tokens];
/// The records are few and small; the default cache of a gigabyte is not ours to take.
const CACHE: usize = 8 << 20;

/// One file, one opener.
#[derive(Debug)]
pub(crate) struct RedbStore {
    database: Database,
}

impl RedbStore {
    /// Opens or makes the file, and checks every page of it: a file that was altered
    /// since is refused here and not met later.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let opened = Database::builder()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create(path);
        let database = opened.map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                StoreError::InUse {
                    path: path.to_owned(),
                }
            }
            other => StoreError::Open {
                path: path.to_owned(),
                reason: other.to_string(),
            },
        })?;
        let store = Self { database };
        store.make_tables()?;
        Ok(store)
    }

    fn make_tables(&self) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().map_err(failed)?;
        for table in TABLES {
            transaction.open_table(definition(table)).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }
}

impl Store for RedbStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(definition(table)).map_err(failed)?;
        let value = table.get(key).map_err(failed)?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    fn scan(&self, table: Table) -> Result<Vec<StoredRecord>, StoreError> {
        let transaction = self.database.begin_read().map_err(failed)?;
        let table = transaction.open_table(definition(table)).map_err(failed)?;
        let mut records = Vec::new();
        for record in table.iter().map_err(failed)? {
            let (key, value) = record.map_err(failed)?;
            records.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(records)
    }

    fn write(&self, changes: &[Change]) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().map_err(failed)?;
        for change in changes {
            match change {
                Change::Put(table, key, value) => {
                    let mut table = transaction.open_table(definition(*table)).map_err(failed)?;
                    table
                        .insert(key.as_slice(), value.as_slice())
                        .map_err(failed)?;
                }
                Change::Remove(table, key) => {
                    let mut table = transaction.open_table(definition(*table)).map_err(failed)?;
                    table.remove(key.as_slice()).map_err(failed)?;
                }
            }
        }
        transaction.commit().map_err(failed)
    }

    fn take(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.database.begin_write().map_err(failed)?;
        let taken = {
            let mut table = transaction.open_table(definition(table)).map_err(failed)?;
            let value = table.remove(key).map_err(failed)?;
            value.map(|value| value.value().to_vec())
        };
        transaction.commit().map_err(failed)?;
        Ok(taken)
    }
}

fn definition(table: Table) -> Bytes {
    TableDefinition::new(match table {
        Table::Commits => "commits",
        Table::State => "state",
        Table::Tokens => "tokens",
    })
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Transaction(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    fn put(key: &[u8], value: &[u8]) -> Change {
        Change::Put(Table::Tokens, key.to_vec(), value.to_vec())
    }

    #[test]
    fn what_is_written_is_there_after_a_restart() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("store.redb");
        let store = RedbStore::open(&path).unwrap();
        store.write(&[put(b"b", b"2"), put(b"a", b"1")]).unwrap();
        drop(store);
        let store = RedbStore::open(&path).unwrap();
        assert_eq!(store.get(Table::Tokens, b"a").unwrap(), Some(b"1".to_vec()));
        let keys: Vec<_> = store.scan(Table::Tokens).unwrap();
        assert_eq!(keys[0].0, b"a");
        assert_eq!(store.get(Table::State, b"a").unwrap(), None);
    }

    #[test]
    fn a_record_is_taken_once() {
        let root = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&root.path().join("store.redb")).unwrap();
        store.write(&[put(b"token", b"1")]).unwrap();
        let winners = std::thread::scope(|scope| {
            let take = || store.take(Table::Tokens, b"token").unwrap().is_some();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
            let taken = threads.into_iter().map(|thread| thread.join().unwrap());
            taken.filter(|taken| *taken).count()
        });
        assert_eq!(winners, 1);
    }

    #[test]
    fn a_second_opener_is_told_why_not() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("store.redb");
        let _first = RedbStore::open(&path).unwrap();
        let second = RedbStore::open(&path).unwrap_err();
        assert!(matches!(second, StoreError::InUse { .. }), "{second}");
    }

    #[test]
    fn a_damaged_file_is_an_error_and_not_a_crash() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("store.redb");
        std::fs::write(&path, b"this is no database, however long it goes on").unwrap();
        assert!(matches!(
            RedbStore::open(&path),
            Err(StoreError::Open { .. })
        ));
        std::fs::remove_file(&path).unwrap();
        drop(RedbStore::open(&path).unwrap());
        let mut file = std::fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&[0xa5; 512]).unwrap();
        assert!(matches!(
            RedbStore::open(&path),
            Err(StoreError::Open { .. })
        ));
    }
}
