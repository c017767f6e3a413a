use git2::{ObjectType, Oid, Tree};
use mesh_compiler::{ProblemKind, SourceSet};

use crate::collect::{Collector, Entry};
use crate::repository::{damaged, object_error, object_id};
use crate::{Limits, Repository, SourceError};

const FILE_MODE_TYPE: i32 = 0o170_000;
const TREE: i32 = 0o040_000;
const REGULAR: i32 = 0o100_000;
const SYMLINK: i32 = 0o120_000;
const GITLINK: i32 = 0o160_000;

/// The path of the directory that is read itself.
const ROOT: &str = ".";

impl Repository {
    /// Reads every intent file under `directory` (relative, empty for the root) of a
    /// commit. Nothing outside that directory is read, nothing is checked out.
    ///
    /// An object that is missing or damaged is a problem at its path. What is an error
    /// is a commit that cannot be read itself, and a directory that is not there.
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
        let mut collector = Collector::new(limits);
        match self.descend(root, directory)? {
            Ok(start) => self.read_below(&mut collector, start),
            Err(problem) => collector.problem(ROOT.to_owned(), problem),
        }
        Ok(collector.finish())
    }

    /// The tree of a sub-directory, or the object on the way that cannot be read.
    fn descend(&self, root: Oid, directory: &str) -> Result<Result<Oid, ProblemKind>, SourceError> {
        let outside = || SourceError::OutsideDirectory(directory.to_owned());
        let missing = || SourceError::NoDirectory(directory.to_owned());
        if directory.starts_with('/') {
            return Err(outside());
        }
        let mut id = root;
        for part in directory
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
        {
            if part == ".." {
                return Err(outside());
            }
            let tree = match self.tree(id) {
                Ok(tree) => tree,
                Err(problem) => return Ok(Err(problem)),
            };
            let entry = tree.get_name(part).ok_or_else(missing)?;
            if entry.filemode_raw() & FILE_MODE_TYPE != TREE {
                return Err(missing());
            }
            id = entry.id();
        }
        Ok(Ok(id))
    }

    /// Takes the files of a tree and of every tree below it.
    fn read_below(&self, collector: &mut Collector<'_>, start: Oid) {
        let mut pending = vec![(start, String::new(), 0)];
        while let Some((id, path, depth)) = pending.pop() {
            if collector.is_full() {
                break;
            }
            let below = match self.tree(id) {
                Ok(tree) => self.read_tree(collector, &tree, &path),
                Err(problem) => {
                    let shown = if path.is_empty() {
                        ROOT.to_owned()
                    } else {
                        path
                    };
                    collector.problem(shown, problem);
                    continue;
                }
            };
            for (id, child) in below {
                if depth + 1 > collector.limits().depth {
                    collector.problem(child, ProblemKind::TooDeep);
                } else {
                    pending.push((id, child, depth + 1));
                }
            }
        }
    }

    /// Takes the files of one tree and gives its sub-trees.
    fn read_tree(
        &self,
        collector: &mut Collector<'_>,
        tree: &Tree<'_>,
        path: &str,
    ) -> Vec<(Oid, String)> {
        let mut below = Vec::new();
        for entry in tree {
            if collector.is_full() {
                break;
            }
            let Some(child) = collector.entry(path, entry.name_bytes()) else {
                continue;
            };
            // Git writes no such entry: it was made for somebody who checks it out.
            if entry.name_bytes().eq_ignore_ascii_case(b".git") {
                let reason = "no tree of Git has an entry of this name";
                collector.problem(child, ProblemKind::Unreadable(reason.to_owned()));
                continue;
            }
            let mode = entry.filemode_raw() & FILE_MODE_TYPE;
            let shape = match mode {
                TREE | GITLINK => Entry::Directory,
                _ => Entry::File,
            };
            if collector.passes_over(&child, shape) {
                continue;
            }
            match mode {
                TREE => below.push((entry.id(), child)),
                REGULAR => self.take(collector, entry.id(), child),
                SYMLINK => collector.problem(child, ProblemKind::Symlink),
                GITLINK => collector.problem(child, ProblemKind::Submodule),
                _ => collector.problem(child, ProblemKind::NotAFile),
            }
        }
        below
    }

    /// Asks the size of a blob, and reads it only where it is wanted.
    fn take(&self, collector: &mut Collector<'_>, id: Oid, path: String) {
        // By the name alone first: a partial clone may lack what is not ours.
        if !Collector::is_named_as_ours(&path) {
            return;
        }
        if let Err(error) = self.try_take(collector, id, &path) {
            collector.problem(path, damaged(id, &error));
        }
    }

    fn try_take(
        &self,
        collector: &mut Collector<'_>,
        id: Oid,
        path: &str,
    ) -> Result<(), git2::Error> {
        let (size, kind) = self.header(id, limit(collector))?;
        if kind != ObjectType::Blob {
            collector.problem(path.to_owned(), ProblemKind::NotAFile);
        } else if collector.wants(path, size as u64) {
            let odb = self.git.odb()?;
            let object = odb.read(id)?;
            collector.file(path.to_owned(), object.data());
        }
        Ok(())
    }
}

/// Larger files are refused unread.
fn limit(collector: &Collector<'_>) -> usize {
    usize::try_from(collector.limits().file_size).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
