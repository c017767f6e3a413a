//! What survives a restart: identity, roots, last good bundle and facts.
//!
//! A file is replaced as a whole: written beside, flushed, renamed, and the
//! directory flushed. Files and directory belong to their owner alone.

mod pem;
mod records;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustls_pki_types::CertificateDer;

use crate::identity::{Credentials, InvalidCredentials};
use crate::resource::Resource;

/// The directory of one proxy, held by one process at a time.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    _lock: File,
}

/// Which set of resources a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The active bundle and its members.
    Bundle,
    /// Endpoints and listeners.
    Facts,
}

impl Kept {
    fn file_name(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Facts => "facts",
        }
    }
}

const IDENTITY: &str = "identity.pem";
const ROOTS: &str = "roots.pem";
const LOCK: &str = "lock";

/// Why the state directory cannot be used, or a file in it.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The directory cannot be made or is not ours.
    #[error("the state directory {} cannot be used: {source}", .path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Somebody else holds it.
    #[error("another proxy runs on the state directory {}", .0.display())]
    Locked(PathBuf),
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what was written.
    #[error("{} is damaged: {reason}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
}

impl StateDir {
    /// Makes the directory if it is not there, and holds it.
    pub(crate) fn open(path: &Path) -> Result<Self, DiskError> {
        let failed = |source| DiskError::Directory {
            path: path.to_owned(),
            source,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(path).map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(path.join(LOCK)).map_err(failed)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| DiskError::Locked(path.to_owned()))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Key and chain, if a proxy joined here.
    pub(crate) fn identity(&self) -> Result<Option<Credentials>, DiskError> {
        let Some(text) = self.read(IDENTITY)? else {
            return Ok(None);
        };
        let damaged = |error: InvalidCredentials| self.damaged(IDENTITY, &error);
        let (key, chain) = pem::read_identity(&text).map_err(|e| self.damaged(IDENTITY, &e))?;
        Credentials::new(key, chain).map(Some).map_err(damaged)
    }

    /// Keeps key and chain.
    pub(crate) fn keep_identity(&self, credentials: &Credentials) -> Result<(), DiskError> {
        let text = pem::write_identity(credentials.key_der(), credentials.chain());
        self.replace(IDENTITY, text.as_bytes())
    }

    /// The roots of the trust domain; none before a join.
    pub(crate) fn roots(&self) -> Result<Vec<CertificateDer<'static>>, DiskError> {
        let Some(text) = self.read(ROOTS)? else {
            return Ok(vec![]);
        };
        pem::read_certificates(&text).map_err(|error| self.damaged(ROOTS, &error))
    }

    /// Keeps the roots of the trust domain.
    pub(crate) fn keep_roots(&self, roots: &[CertificateDer<'_>]) -> Result<(), DiskError> {
        self.replace(ROOTS, pem::write_certificates(roots).as_bytes())
    }

    /// The resources of a set, in the order in which they were kept; none before the first.
    pub(crate) fn resources(&self, kept: Kept) -> Result<Vec<Resource>, DiskError> {
        let Some(bytes) = self.read(kept.file_name())? else {
            return Ok(vec![]);
        };
        records::read(&bytes).map_err(|error| self.damaged(kept.file_name(), &error))
    }

    /// Keeps the resources of a set in place of those before.
    pub(crate) fn keep_resources(
        &self,
        kept: Kept,
        resources: &[Resource],
    ) -> Result<(), DiskError> {
        self.replace(kept.file_name(), &records::write(resources))
    }

    fn damaged(&self, name: &str, reason: &dyn std::error::Error) -> DiskError {
        DiskError::Damaged {
            path: self.path.join(name),
            reason: reason.to_string(),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DiskError::Read { path, source }),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let path = self.path.join(name);
        let beside = self.path.join(format!("{name}.new"));
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|source| DiskError::Write { path, source })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use mesh_xds::ResourceType;

    use super::*;

    fn resource(body: &'static [u8]) -> Resource {
        Resource {
            kind: ResourceType::Endpoints,
            body: Bytes::from_static(body),
        }
    }

    #[test]
    fn what_is_kept_is_read_back_and_replaced_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::open(&directory.path().join("a/b")).unwrap();
        assert_eq!(state.resources(Kept::Facts).unwrap(), []);
        for body in [&b"one"[..], b"two"] {
            let kept = [resource(body), resource(b"")];
            state.keep_resources(Kept::Facts, &kept).unwrap();
            assert_eq!(state.resources(Kept::Facts).unwrap(), kept);
        }
        assert_eq!(state.resources(Kept::Bundle).unwrap(), []);
    }

    #[test]
    fn files_and_directory_belong_to_their_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        let state = StateDir::open(&path).unwrap();
        state.keep_resources(Kept::Bundle, &[]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("bundle"))), (0o700, 0o600));
    }

    #[test]
    fn a_second_proxy_on_one_directory_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let held = StateDir::open(directory.path()).unwrap();
        assert!(matches!(
            StateDir::open(directory.path()),
            Err(DiskError::Locked(_))
        ));
        drop(held);
        assert!(StateDir::open(directory.path()).is_ok());
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDir::open(directory.path()).unwrap();
        state
            .keep_resources(Kept::Bundle, &[resource(b"body")])
            .unwrap();
        let file = directory.path().join("bundle");
        let good = fs::read(&file).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&file, &bad).unwrap();
            assert!(state.resources(Kept::Bundle).is_err(), "flipped at {at}");
            fs::write(&file, &good[..at]).unwrap();
            assert!(state.resources(Kept::Bundle).is_err(), "cut at {at}");
        }
    }
}
