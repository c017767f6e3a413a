use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mesh_ir::Inventory;

/// The most bytes of an inventory file.
const MAX_BYTES: u64 = 64 << 20;

/// The inventory file: what is used of it, what waits, and what is wrong with it.
///
/// A file that cannot be read leaves the last good inventory in force – a workload
/// does not vanish because somebody is in the middle of writing – and so does one
/// with which what runs does not compile: it waits as the candidate.
#[derive(Debug, Default)]
pub(crate) struct InventoryFile {
    path: Option<PathBuf>,
    text: Option<String>,
    current: Option<Inventory>,
    candidate: Option<Inventory>,
    problem: Option<String>,
}

impl InventoryFile {
    /// Nothing is read yet. Without a path there is no inventory, ever.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    /// The one in use.
    pub(super) fn current(&self) -> Option<&Inventory> {
        self.current.as_ref()
    }

    /// The one that was read last, if it is not in use yet.
    pub(super) fn candidate(&self) -> Option<&Inventory> {
        self.candidate.as_ref()
    }

    /// Puts the candidate to use.
    pub(super) fn accept(&mut self) {
        if let Some(candidate) = self.candidate.take() {
            self.current = Some(candidate);
        }
    }

    /// What is wrong with the file as it is.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Reads the file again. Gives whether there is a new candidate.
    pub(super) fn reread(&mut self) -> bool {
        let Some(path) = &self.path else {
            return false;
        };
        let text = match read(path) {
            Ok(text) => text,
            Err(error) => {
                self.problem = Some(format!("cannot read `{}`: {error}", path.display()));
                return false;
            }
        };
        if self.text.as_ref() == Some(&text) {
            self.problem = None;
            return false;
        }
        match mesh_compiler::inventory::parse(&text) {
            Ok(inventory) => {
                self.problem = None;
                self.text = Some(text);
                self.candidate = (self.current.as_ref() != Some(&inventory)).then_some(inventory);
                self.candidate.is_some()
            }
            Err(error) => {
                self.problem = Some(error.to_string());
                false
            }
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!(
            "it has more than {MAX_BYTES} bytes"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_middle_of_a_write_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("inventory.yaml");
        std::fs::write(&path, "workloads: []\n").unwrap();
        let mut file = InventoryFile::new(Some(path.clone()));
        assert!(file.reread());
        file.accept();
        assert!(!file.reread(), "the same text is no news");
        std::fs::write(&path, "workloads:\n  - {namespace: shop").unwrap();
        assert!(!file.reread());
        assert!(file.problem().is_some());
        assert_eq!(file.current(), Some(&Inventory::default()));
        std::fs::write(&path, "workloads: [] # again\n").unwrap();
        assert!(!file.reread(), "other words, the same inventory");
        assert!(file.problem().is_none());
    }
}
