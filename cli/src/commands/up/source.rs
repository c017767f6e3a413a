//! What `mesh up PATH` follows: a branch, or saved files.

use std::path::{Path, PathBuf};

use mesh_compiler::{Compilation, Compiler, Options, SourceSet};
use mesh_ir::Name;
use mesh_source::{Limits, Repository, SourceError};

use crate::intents::now;

/// Where intents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Commits of the branch that is checked out.
    Branch {
        /// The root of the work tree.
        repository: PathBuf,
        /// Its name.
        branch: String,
        /// Below the root, with `/`; empty for the root itself.
        directory: String,
    },
    /// Files as they are saved.
    Files(PathBuf),
}

/// Whether saved files or commits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follow {
    /// Commits, where the path lies in a Git work tree; else files.
    Commits,
    /// Files, even in a work tree.
    Files,
}

impl Source {
    /// What to follow for a path.
    pub(super) fn of(path: &Path, follow: Follow) -> Result<Self, SourceError> {
        let at_path = |source| SourceError::Directory {
            path: path.to_owned(),
            source,
        };
        let path = path.canonicalize().map_err(at_path)?;
        let repository = match follow {
            Follow::Files => return Ok(Self::Files(path)),
            Follow::Commits => Repository::open(&path),
        };
        let Ok(repository) = repository else {
            return Ok(Self::Files(path));
        };
        let Some(root) = repository.work_tree() else {
            return Ok(Self::Files(path));
        };
        let root = root.canonicalize().map_err(at_path)?;
        let directory = path.strip_prefix(&root).unwrap_or(Path::new(""));
        Ok(Self::Branch {
            branch: repository.head_branch()?,
            directory: directory.to_string_lossy().into_owned(),
            repository: root,
        })
    }

    /// Compiles the newest revision, without inventory.
    pub(super) fn compile(&self, environment: Option<&Name>) -> Result<Compilation, SourceError> {
        let options = Options {
            environment: environment.cloned(),
            ..Options::at(now())
        };
        Ok(Compiler::new(options).compile(&self.read()?))
    }

    fn read(&self) -> Result<SourceSet, SourceError> {
        let limits = Limits::default();
        match self {
            Self::Files(path) => mesh_source::read_directory(path, &limits),
            Self::Branch {
                repository,
                branch,
                directory,
            } => {
                let repository = Repository::open(repository)?;
                let commit = repository.branch(branch)?;
                repository.read(&commit.id, directory, &limits)
            }
        }
    }

    /// The directory of intents.
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::Files(path) => path.clone(),
            Self::Branch {
                repository,
                directory,
                ..
            } => repository.join(directory),
        }
    }

    /// The same for a person.
    pub(super) fn describe(&self) -> String {
        let path = self.path();
        match self {
            Self::Files(_) => format!("saved files in {}", path.display()),
            Self::Branch { branch, .. } => {
                format!("commits of branch {branch} in {}", path.display())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_outside_git_is_followed_by_its_files() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().canonicalize().unwrap();
        for follow in [Follow::Commits, Follow::Files] {
            assert_eq!(
                Source::of(&path, follow).unwrap(),
                Source::Files(path.clone())
            );
        }
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        assert!(Source::of(Path::new("/nonexistent"), Follow::Commits).is_err());
    }
}
