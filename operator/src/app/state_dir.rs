use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::error::OperatorError;
use crate::sources::SourcesDir;

/// The operator's directory: `store.redb`, `ca/`, `sources/`, `home/`, `operator.sock`.
pub(super) struct StateDir {
    path: PathBuf,
}

impl StateDir {
    /// Makes the directory where it is missing, for its owner only.
    pub(super) fn open(path: &Path) -> Result<Self, OperatorError> {
        let state = Self {
            path: path.to_owned(),
        };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(0o700)))
            .map_err(|source| state.unusable(source))?;
        Ok(state)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn store(&self) -> PathBuf {
        self.path.join("store.redb")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("operator.sock")
    }

    pub(super) fn sources(&self) -> Result<SourcesDir, OperatorError> {
        SourcesDir::open(self.path.join("sources")).map_err(|source| self.unusable(source))
    }

    pub(super) fn unusable(&self, source: io::Error) -> OperatorError {
        OperatorError::StateDir {
            path: self.path.clone(),
            source,
        }
    }
}
