use std::sync::Arc;

/// The files of a revision or a directory, as they were found: what a compilation starts from.
///
/// The order of `files` carries no meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceSet {
    /// Every `*.yaml` and `*.yml` that could be read.
    pub files: Vec<SourceFile>,
    /// Paths that are not intents, so that `policy.yaml.bak` does not vanish quietly.
    pub ignored: Vec<String>,
    /// What should have been read and was not; each becomes a diagnostic.
    pub problems: Vec<SourceProblem>,
}

/// One file of intents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative to the directory of intents, with `/` between its parts. Unique in its set.
    pub path: Arc<str>,
    /// The bytes, whatever they are.
    pub content: Arc<[u8]>,
}

/// A path that holds, or may hold, intents and was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceProblem {
    /// As in [`SourceFile::path`]; lossy where the name is not UTF-8.
    pub path: String,
    /// Why.
    pub kind: ProblemKind,
}

/// Why a path was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A symbolic link: none is followed.
    Symlink,
    /// A Git submodule: none is entered.
    Submodule,
    /// The name itself is not UTF-8.
    NotUtf8Name,
    /// One file over the limit.
    TooLarge {
        /// What it holds.
        bytes: u64,
        /// What one file may hold.
        limit: u64,
    },
    /// More files than allowed; those after the limit, in path order, are not read.
    TooManyFiles {
        /// How many are allowed.
        limit: u64,
    },
    /// All files together are over the limit; those after it, in path order, are not read.
    TotalTooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// Nested in more directories than the reader descends.
    TooDeep,
    /// The operating system or Git refused; its reason.
    Unreadable(String),
    /// A Git object that is missing or damaged. It is the repository that is broken, not the
    /// commit: the same revision may be read once the repository is repaired.
    Damaged {
        /// The name of the object.
        object: String,
        /// What is wrong with it, as the end of a sentence about the object.
        reason: String,
    },
    /// A directory, pipe, socket or device that is named as a file of intents.
    NotAFile,
}

impl SourceSet {
    /// Whether the same revision may be read differently once its repository is repaired.
    pub fn is_damaged(&self) -> bool {
        let mut problems = self.problems.iter();
        problems.any(|problem| matches!(problem.kind, ProblemKind::Damaged { .. }))
    }
}

impl SourceFile {
    /// A file from its path and bytes.
    pub fn new(path: impl Into<Arc<str>>, content: impl Into<Arc<[u8]>>) -> Self {
        Self {
            path: path.into(),
            content: content.into(),
        }
    }
}
