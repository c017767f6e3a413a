use std::path::PathBuf;

/// Why there is no set of sources at all. What is wrong with single files is a
/// problem inside the set instead.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The path is no repository, or may not be read.
    #[error("cannot open the repository `{}`: {reason}", path.display())]
    Open {
        /// Where it was looked for.
        path: PathBuf,
        /// What libgit2 says.
        reason: String,
    },
    /// The directory of intents is not there.
    #[error("there is no directory `{0}` in this revision")]
    NoDirectory(String),
    /// The directory of intents is not inside the repository.
    #[error("`{0}` is not a path inside the repository (relative, no `..`)")]
    OutsideDirectory(String),
    /// The root of a directory cannot be read.
    #[error("cannot read the directory `{}`", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The branch does not exist.
    #[error("there is no branch `{0}`")]
    NoBranch(String),
    /// The branch exists and has no commit.
    #[error("the branch `{0}` has no commit yet")]
    Unborn(String),
    /// `HEAD` names a commit, not a branch, and no branch was asked for.
    #[error("no branch is checked out (HEAD is detached); name one with --branch")]
    DetachedHead,
    /// A revision does not resolve to a commit.
    #[error("there is no revision `{0}`")]
    NoRevision(String),
    /// An object is missing, damaged, of the wrong type, or too large to be looked at.
    #[error("cannot read the object {id}: {reason}")]
    Object {
        /// Its name.
        id: String,
        /// Why.
        reason: String,
    },
    /// The remote could not be fetched.
    #[error("cannot fetch `{url}`: {reason}")]
    Fetch {
        /// What was asked.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The remote sent more than is allowed.
    #[error("fetching `{url}` was stopped after {limit} bytes")]
    FetchTooLarge {
        /// What was asked.
        url: String,
        /// The ceiling.
        limit: u64,
    },
}
