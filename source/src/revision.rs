use git2::{ObjectType, Oid};
use mesh_compiler::{ProblemKind, SourceSet};

use crate::collect::Collector;
use crate::repository::{object_error, object_id};
use crate::{Limits, Repository, SourceError};

/// A tree object is read whole; a larger one (some 200,000 entries) is refused unread.
const MAX_TREE: usize = 8 << 20;

const FILE_MODE_TYPE: i32 = 0o170_000;
const TREE: i32 = 0o040_000;
const REGULAR: i32 = 0o100_000;
const SYMLINK: i32 = 0o120_000;
const GITLINK: i32 = 0o160_000;

impl Repository {
    /// Reads every intent file under `directory` (relative, empty for the root) of a
    /// commit. Nothing outside that directory is read, nothing is checked out.
    pub fn read(
        &self,
        commit: &str,
        directory: &str,
        limits: &Limits,
    ) -> Result<SourceSet, SourceError> {
        let id = object_id(commit)?;
        self.commit(id)?;
        let root = self
            .git
            .find_commit(id)
            .map_err(|error| object_error(id, &error))?
            .tree_id();
        let start = self.descend(root, directory)?;
        let mut collector = Collector::new(limits);
        let mut pending = vec![(start, String::new(), 0)];
        while let Some((tree, path, depth)) = pending.pop() {
            if collector.is_full() {
                break;
            }
            for (id, child) in self.read_tree(&mut collector, tree, &path)? {
                if depth + 1 > limits.depth {
                    collector.problem(child, ProblemKind::TooDeep);
                } else {
                    pending.push((id, child, depth + 1));
                }
            }
        }
        Ok(collector.finish())
    }

    /// The tree of a sub-directory.
    fn descend(&self, root: Oid, directory: &str) -> Result<Oid, SourceError> {
        let outside = || SourceError::OutsideDirectory(directory.to_owned());
        let missing = || SourceError::NoDirectory(directory.to_owned());
        if directory.starts_with('/') {
            return Err(outside());
        }
        let mut tree = root;
        for part in directory
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
        {
            if part == ".." {
                return Err(outside());
            }
            self.check_header(tree, ObjectType::Tree, MAX_TREE)?;
            let object = self
                .git
                .find_tree(tree)
                .map_err(|error| object_error(tree, &error))?;
            let entry = object.get_name(part).ok_or_else(missing)?;
            if entry.filemode_raw() & FILE_MODE_TYPE != TREE {
                return Err(missing());
            }
            tree = entry.id();
        }
        Ok(tree)
    }

    /// Takes the files of one tree and gives its sub-trees.
    fn read_tree(
        &self,
        collector: &mut Collector<'_>,
        id: Oid,
        path: &str,
    ) -> Result<Vec<(Oid, String)>, SourceError> {
        self.check_header(id, ObjectType::Tree, MAX_TREE)?;
        let tree = self
            .git
            .find_tree(id)
            .map_err(|error| object_error(id, &error))?;
        let mut below = Vec::new();
        for entry in &tree {
            if collector.is_full() {
                break;
            }
            let Some(child) = collector.entry(path, entry.name_bytes()) else {
                continue;
            };
            match entry.filemode_raw() & FILE_MODE_TYPE {
                TREE => below.push((entry.id(), child)),
                REGULAR => self.take(collector, entry.id(), child)?,
                SYMLINK => collector.problem(child, ProblemKind::Symlink),
                GITLINK => collector.problem(child, ProblemKind::Submodule),
                _ => collector.problem(child, ProblemKind::NotAFile),
            }
        }
        Ok(below)
    }

    /// Asks the size of a blob, and reads it only where it is wanted. A blob that is
    /// missing or damaged makes the whole revision unreadable: it is the
    /// repository that is broken, not the intents.
    fn take(
        &self,
        collector: &mut Collector<'_>,
        id: Oid,
        path: String,
    ) -> Result<(), SourceError> {
        // By the name alone first: a partial clone may lack what is not ours.
        if !Collector::is_named_as_ours(&path) {
            return Ok(());
        }
        let odb = self.git.odb().map_err(|error| object_error(id, &error))?;
        let (size, kind) = odb
            .read_header(id)
            .map_err(|error| object_error(id, &error))?;
        if kind != ObjectType::Blob {
            collector.problem(path, ProblemKind::NotAFile);
            return Ok(());
        }
        if collector.wants(&path, size as u64) {
            let object = odb.read(id).map_err(|error| object_error(id, &error))?;
            collector.file(path, object.data());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
