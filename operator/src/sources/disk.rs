use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mesh_ir::Digest;
use mesh_source::SourceSet;

use super::{InvalidSources, decode, encode, hash};

/// `sources/` of the state directory: the files of the commits that run, by hash,
/// so that a restart needs neither Git nor network.
#[derive(Debug)]
pub(crate) struct SourcesDir {
    path: PathBuf,
}

/// Why sources cannot be kept or found again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourcesError {
    /// The file system refused.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is damaged.
    #[error("`{}` is damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: InvalidSources,
    },
    /// The file is whole and not the one that was kept.
    #[error("`{}` does not have the hash that it is named by", path.display())]
    WrongHash {
        /// Which file.
        path: PathBuf,
    },
}

impl SourcesDir {
    /// The directory, made where it is missing.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    /// Keeps a set durably and gives its name. A set that is there, and is not damaged,
    /// is not written again.
    pub(crate) fn keep(&self, set: &SourceSet) -> Result<Digest, SourcesError> {
        let digest = hash(set);
        let path = self.file(&digest);
        if self.load(&digest).is_ok() {
            return Ok(digest);
        }
        write_durably(&self.path, &path, &encode(set))
            .map_err(|source| SourcesError::Io { path, source })?;
        Ok(digest)
    }

    /// Finds a set again and checks that it is the one.
    pub(crate) fn load(&self, digest: &Digest) -> Result<SourceSet, SourcesError> {
        let path = self.file(digest);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(SourcesError::Io { path, source }),
        };
        let set = match decode(&bytes) {
            Ok(set) => set,
            Err(source) => return Err(SourcesError::Damaged { path, source }),
        };
        if hash(&set) != *digest {
            return Err(SourcesError::WrongHash { path });
        }
        Ok(set)
    }

    /// Removes every set but one. What cannot be removed is left for the next time.
    pub(crate) fn keep_only(&self, digest: &Digest) {
        let keep = self.file(digest);
        let Ok(entries) = std::fs::read_dir(&self.path) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.path() != keep {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.path.join(digest.to_string())
    }
}

/// Written beside, synced, renamed: after a crash it is there whole or not at all.
fn write_durably(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use mesh_source::SourceFile;

    use super::*;

    fn set(content: &[u8]) -> SourceSet {
        SourceSet {
            files: vec![SourceFile::new("a.yaml", content)],
            ..SourceSet::default()
        }
    }

    #[test]
    fn what_is_kept_is_found_and_the_rest_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let sources = SourcesDir::open(root.path().join("sources")).unwrap();
        let first = sources.keep(&set(b"a: b\n")).unwrap();
        let second = sources.keep(&set(b"a: c\n")).unwrap();
        assert_eq!(sources.load(&first).unwrap(), set(b"a: b\n"));
        sources.keep_only(&second);
        assert!(sources.load(&first).is_err());
        assert!(sources.load(&second).is_ok());
    }

    #[test]
    fn a_file_that_was_changed_is_not_taken_and_is_replaced_by_what_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let sources = SourcesDir::open(root.path().to_owned()).unwrap();
        let digest = sources.keep(&set(b"a: b\n")).unwrap();
        std::fs::write(sources.file(&digest), encode(&set(b"a: X\n"))).unwrap();
        let loaded = sources.load(&digest);
        assert!(matches!(loaded, Err(SourcesError::WrongHash { .. })));
        sources.keep(&set(b"a: b\n")).unwrap();
        assert_eq!(sources.load(&digest).unwrap(), set(b"a: b\n"));
    }
}
