use std::fmt;
use std::sync::Arc;

/// What a role is told to enforce: sent after its members, acknowledged when active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Rises with every plan, a rollback included; a proxy refuses a lower one.
    pub epoch: Epoch,
    /// The commit that the members come from.
    pub commit: CommitId,
    /// Over the sorted (type, name, version) of the members.
    pub digest: Digest,
}

/// `max(last + 1, Unix milliseconds)` of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// A revision of the repository: a Git object name in hexadecimal, or `files-<hash>`
/// for a directory outside Git.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub Arc<str>);

impl CommitId {
    /// The first twelve characters, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256. `Display` prints 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
