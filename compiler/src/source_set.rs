use std::sync::Arc;

/// What a source read: files of intents, what it passed over, what it refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceSet {
    /// `*.yaml` and `*.yml`, in any order.
    pub files: Vec<SourceFile>,
    /// Other files below the directory, which `check` lists.
    pub ignored: Vec<String>,
    /// What was refused unread.
    pub problems: Vec<SourceProblem>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative, with `/` between its parts.
    pub path: Arc<str>,
    /// Its bytes.
    pub content: Arc<[u8]>,
}

/// A file that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProblem {
    /// Relative, with `/` between its parts.
    pub path: String,
    /// Why.
    pub kind: ProblemKind,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A symbolic link.
    Symlink,
    /// A Git submodule.
    Submodule,
    /// The name is not UTF-8.
    NotUtf8Name,
    /// One file is too large.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The most there may be.
        limit: u64,
    },
    /// Too many files.
    TooManyFiles {
        /// The most there may be.
        limit: u64,
    },
    /// Too much in all.
    TotalTooLarge {
        /// The most there may be.
        limit: u64,
    },
    /// Directories too deep.
    TooDeep,
    /// Could not be read, as the system says.
    Unreadable(String),
    /// A device, a socket, a pipe.
    NotAFile,
}
