//! A directory or a Git revision as a bounded [`SourceSet`].
//!
//! Whoever writes to a repository decides what lies in it, so everything here is
//! bounded before it is read: the size of a blob is asked before the blob is
//! opened, trees are walked with a limit on entries and depth, no link is
//! followed, nothing is checked out, and no hook, filter or attribute takes part.
//! What cannot be taken is a problem of the set with its path, never silence.
//!
//! The only user of libgit2. The operator calls the Git half in a child process
//! with limits of its own; the command line calls it in place.

mod collect;
mod directory;
mod error;
mod limits;
mod loose;
mod mirror;
mod repository;
mod revision;

pub use collect::is_intent;
pub use directory::read_directory;
pub use error::SourceError;
pub use limits::Limits;
pub use mirror::{FetchLimits, Mirror};
pub use repository::{Commit, Relation, Repository};

/// What both readers give; defined where it is compiled.
pub use mesh_compiler::{ProblemKind, SourceFile, SourceProblem, SourceSet};

use std::path::Path;

/// Reads the intents under `directory` of one revision (`main`, `HEAD~2`, an object
/// name) of the repository at `repo`, without touching its work tree.
pub fn read_revision(
    repo: &Path,
    revision: &str,
    directory: &str,
    limits: &Limits,
) -> Result<SourceSet, SourceError> {
    let repository = Repository::open(repo)?;
    let commit = repository.resolve(revision)?;
    repository.read(&commit.id, directory, limits)
}
