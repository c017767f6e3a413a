use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use redb::{Database, DatabaseError, Error, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Change, Store, StoreError, StoredRecord, Table};

type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;

const TABLES: [Table; 3] = [Table::Commits, Table::State, Table::Tokens];
/// The records are few and small; the default cache of a gigabyte is not ours to take.
const CACHE: usize = 8 << 20;

/// One file, one opener.
///
/// After an error of the disk (it is full, say) the database answers nothing more
/// until it is opened again; so it is closed then, and opened by the next call.
#[derive(Debug)]
pub(crate) struct RedbStore {
    path: PathBuf,
    database: Mutex<Option<Database>>,
}

impl RedbStore {
    /// Opens or makes the file, and checks every page of it: a file that was altered
    /// since is refused here and not met later.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            database: Mutex::new(Some(open(path)?)),
        })
    }

    fn run<T>(&self, work: impl FnOnce(&Database) -> Result<T, Error>) -> Result<T, StoreError> {
        let mut place = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let database = match place.take() {
            Some(database) => database,
            None => open(&self.path)?,
        };
        let done = work(&database);
        if !matches!(done, Err(Error::Io(_) | Error::PreviousIo)) {
            *place = Some(database);
        }
        done.map_err(|error| StoreError::Transaction(error.to_string()))
    }
}

fn open(path: &Path) -> Result<Database, StoreError> {
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
    make_tables(&database).map_err(|error| StoreError::Transaction(error.to_string()))?;
    Ok(database)
}

fn make_tables(database: &Database) -> Result<(), Error> {
    let transaction = database.begin_write()?;
    for table in TABLES {
        transaction.open_table(definition(table))?;
    }
    Ok(transaction.commit()?)
}

impl Store for RedbStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(|database| {
            let table = database.begin_read()?.open_table(definition(table))?;
            Ok(table.get(key)?.map(|value| value.value().to_vec()))
        })
    }

    fn scan(&self, table: Table) -> Result<Vec<StoredRecord>, StoreError> {
        self.run(|database| {
            let table = database.begin_read()?.open_table(definition(table))?;
            let mut records = Vec::new();
            for record in table.iter()? {
                let (key, value) = record?;
                records.push((key.value().to_vec(), value.value().to_vec()));
            }
            Ok(records)
        })
    }

    fn write(&self, changes: &[Change]) -> Result<(), StoreError> {
        self.run(|database| {
            let transaction = database.begin_write()?;
            for change in changes {
                match change {
                    Change::Put(table, key, value) => {
                        let mut table = transaction.open_table(definition(*table))?;
                        table.insert(key.as_slice(), value.as_slice())?;
                    }
                    Change::Remove(table, key) => {
                        let mut table = transaction.open_table(definition(*table))?;
                        table.remove(key.as_slice())?;
                    }
                }
            }
            Ok(transaction.commit()?)
        })
    }

    fn take(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(|database| {
            let transaction = database.begin_write()?;
            let taken = {
                let mut table = transaction.open_table(definition(table))?;
                let value = table.remove(key)?;
                value.map(|value| value.value().to_vec())
            };
            transaction.commit()?;
            Ok(taken)
        })
    }
}

fn definition(table: Table) -> Bytes {
    TableDefinition::new(match table {
        Table::Commits => "commits",
        Table::State => "state",
        Table::Tokens => "tokens",
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Seek, SeekFrom, Write};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use redb::StorageBackend;
    use redb::backends::InMemoryBackend;

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

    /// Memory whose writes fail once it has been filled.
    #[derive(Debug, Default)]
    struct Disk {
        memory: InMemoryBackend,
        full: Arc<AtomicBool>,
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.memory.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.memory.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.memory.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.memory.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            if self.full.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.memory.write(offset, data)
        }
    }

    #[test]
    fn a_disk_that_was_full_is_used_again() {
        let root = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&root.path().join("store.redb")).unwrap();
        store.write(&[put(b"a", b"1")]).unwrap();
        let disk = Disk::default();
        let full = disk.full.clone();
        let failing = Database::builder().create_with_backend(disk).unwrap();
        make_tables(&failing).unwrap();
        full.store(true, Ordering::Relaxed);
        // In place of the file, which is closed.
        *store.database.lock().unwrap() = Some(failing);
        assert!(store.write(&[put(b"b", b"2")]).is_err());
        assert_eq!(store.get(Table::Tokens, b"a").unwrap(), Some(b"1".to_vec()));
        store.write(&[put(b"b", b"2")]).unwrap();
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
