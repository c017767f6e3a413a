use std::fmt;
use std::sync::Arc;

/// Where an intent says something: a file of the repository and a place in it.
///
/// The commit is not part of it: the same place in the same words is the same
/// meaning, whichever commit brought it. `Display` prints `file:line`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Relative to the directory of intents, with `/` between its parts.
    pub file: Arc<str>,
    /// One-based.
    pub line: u32,
    /// One-based, in characters.
    pub column: u32,
}

impl Origin {
    /// A place in a file; line and column are one-based.
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self {
            file: file.into(),
            line,
            column,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
