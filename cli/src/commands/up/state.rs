//! The state directory of `mesh up`: the operator's own, and beside its files those
//! of everything else that runs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use mesh_ir::Inventory;
use tempfile::TempDir;

use super::ports::Given;

/// Where everything of one `mesh up` is kept.
pub(super) struct State {
    path: PathBuf,
    /// Removed at the end, where nobody asked to keep it.
    temporary: Option<TempDir>,
    /// One run at a time.
    _lock: File,
}

/// Why the state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// Something in it cannot be read or written.
    #[error("cannot use {path}")]
    Use {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another run is using it.
    #[error("another `mesh up` runs in {0}")]
    Busy(PathBuf),
}

impl State {
    /// Opens a directory that is kept, or makes one that ends with this value.
    pub(super) fn open(kept: Option<&Path>) -> Result<Self, StateError> {
        let (path, temporary) = if let Some(path) = kept {
            directory(path)?;
            (path.canonicalize().map_err(at(path))?, None)
        } else {
            let parent = std::env::temp_dir();
            let made = tempfile::Builder::new().prefix("mesh-up-").tempdir();
            let made = made.map_err(at(&parent))?;
            (made.path().to_owned(), Some(made))
        };
        let lock = path.join("up.lock");
        let lock = File::create(&lock).map_err(at(&lock))?;
        if lock.try_lock().is_err() {
            return Err(StateError::Busy(path));
        }
        for below in ["logs", "proxies"] {
            directory(&path.join(below))?;
        }
        Ok(Self {
            path,
            temporary,
            _lock: lock,
        })
    }

    /// The directory itself, which is the operator's.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a temporary directory, because somebody will want to read it.
    pub(super) fn keep(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            self.path = temporary.keep();
        }
    }

    /// The inventory file.
    pub(super) fn inventory(&self) -> PathBuf {
        self.path.join("inventory.json")
    }

    /// The log of a process, `shop-reviews-v1`.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(format!("{name}.log"))
    }

    /// The JSON access log of a proxy.
    pub(super) fn access_log(&self, name: &str) -> PathBuf {
        self.path.join("logs").join(format!("{name}.access.jsonl"))
    }

    /// The state directory of a proxy.
    pub(super) fn proxy(&self, name: &str) -> Result<PathBuf, StateError> {
        let path = self.path.join("proxies").join(name);
        directory(&path)?;
        Ok(path)
    }

    /// Forgets who a proxy was: its identity and what it enforced.
    pub(super) fn forget_proxy(&self, name: &str) -> Result<(), StateError> {
        let path = self.path.join("proxies").join(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&path)(error)),
            _ => Ok(()),
        }
    }

    /// The ports that were given before; none in a new directory.
    pub(super) fn ports(&self) -> Result<Given, StateError> {
        let path = self.path.join("ports.json");
        match fs::read(&path) {
            // What cannot be read is given anew, and written over.
            Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Given::default()),
            Err(source) => Err(StateError::Use { path, source }),
        }
    }

    /// Remembers the ports.
    pub(super) fn save_ports(&self, given: &Given) -> Result<(), StateError> {
        self.replace(&self.path.join("ports.json"), given)
    }

    /// Writes the inventory; a reader sees the old one or the new one, whole.
    pub(super) fn save_inventory(&self, inventory: &Inventory) -> Result<(), StateError> {
        self.replace(&self.inventory(), inventory)
    }

    fn replace(&self, path: &Path, value: &impl serde::Serialize) -> Result<(), StateError> {
        let write = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.path)?;
            serde_json::to_writer_pretty(&mut file, value)?;
            file.flush()?;
            file.persist(path).map_err(|error| error.error)
        };
        write().map(drop).map_err(at(path))
    }
}

/// Writes a secret that its owner alone may read.
pub(super) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let options = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
    };
    options().open(path)?.write_all(text.as_bytes())
}

fn directory(path: &Path) -> Result<(), StateError> {
    let mut builder = fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Use { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_directory_has_one_run_at_a_time() {
        let kept = tempfile::tempdir().unwrap();
        let first = State::open(Some(kept.path())).unwrap();
        assert!(matches!(
            State::open(Some(kept.path())),
            Err(StateError::Busy(_))
        ));
        drop(first);
        assert!(State::open(Some(kept.path())).is_ok());
    }

    #[test]
    fn a_temporary_directory_ends_with_the_run_unless_it_is_kept() {
        let state = State::open(None).unwrap();
        let path = state.path().to_owned();
        drop(state);
        assert!(!path.exists());
        let mut state = State::open(None).unwrap();
        state.keep();
        let path = state.path().to_owned();
        drop(state);
        assert!(path.exists());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn ports_are_remembered_and_secrets_are_private() {
        let state = State::open(None).unwrap();
        assert_eq!(state.ports().unwrap(), Given::default());
        let given = Given([("a".to_owned(), 10_240)].into());
        state.save_ports(&given).unwrap();
        assert_eq!(state.ports().unwrap(), given);
        let secret = state.path().join("token");
        write_secret(&secret, "a.b.c").unwrap();
        assert_eq!(
            fs::metadata(secret).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
