/// How much of a directory or a tree is read. `Mesh.repository` may lower what
/// these allow and never raise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Intent files.
    pub files: usize,
    /// Bytes of one file.
    pub file_size: u64,
    /// Bytes of all files together.
    pub total_size: u64,
    /// Directories inside each other.
    pub depth: usize,
    /// Entries of directories that are looked at, intent files or not.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 20_000,
            file_size: 1 << 20,
            total_size: 64 << 20,
            depth: 32,
            entries: 200_000,
        }
    }
}
