use std::ffi::OsStr;
use std::fs::{DirEntry, File, FileType, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use mesh_compiler::{ProblemKind, SourceSet};
use rustix::fs::{Mode, OFlags};

use crate::collect::{Collector, Entry};
use crate::{Limits, SourceError};

/// Reads every intent file under a directory.
///
/// No link is followed, devices and pipes are not opened, and what is named with a dot
/// in front is passed over. Sub-directories that cannot be read are problems of the set.
pub fn read_directory(root: &Path, limits: &Limits) -> Result<SourceSet, SourceError> {
    let at_root = |source| SourceError::Directory {
        path: root.to_owned(),
        source,
    };
    let mut collector = Collector::new(limits);
    let mut pending = vec![(root.to_owned(), String::new(), 0)];
    while let Some((directory, path, depth)) = pending.pop() {
        let mut entries = match sorted_entries(&directory, limits) {
            Ok(entries) => entries,
            Err(source) if path.is_empty() => return Err(at_root(source)),
            Err(error) => {
                collector.problem(path, ProblemKind::Unreadable(error.to_string()));
                continue;
            }
        };
        for entry in entries.drain(..) {
            if collector.is_full() {
                return Ok(collector.finish());
            }
            let name = entry.file_name();
            if name == OsStr::new(".git") {
                continue;
            }
            let Some(child) = collector.entry(&path, name.as_bytes()) else {
                continue;
            };
            if collector.passes_over(&child, shape(&entry)) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth + 1 > limits.depth => {
                    collector.problem(child, ProblemKind::TooDeep);
                }
                Ok(kind) if kind.is_dir() => pending.push((entry.path(), child, depth + 1)),
                Ok(kind) => take(&mut collector, &entry.path(), child, kind),
                Err(error) => collector.problem(child, ProblemKind::Unreadable(error.to_string())),
            }
        }
    }
    Ok(collector.finish())
}

fn shape(entry: &DirEntry) -> Entry {
    match entry.file_type() {
        Ok(kind) if kind.is_dir() => Entry::Directory,
        _ => Entry::File,
    }
}

/// At most one more than the limit, so that the collector sees that it is passed.
fn sorted_entries(directory: &Path, limits: &Limits) -> io::Result<Vec<DirEntry>> {
    let mut entries = std::fs::read_dir(directory)?
        .take(limits.entries + 1)
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

fn take(collector: &mut Collector<'_>, path: &Path, name: String, kind: FileType) {
    if kind.is_symlink() {
        return collector.problem(name, ProblemKind::Symlink);
    }
    let size = std::fs::symlink_metadata(path).map_or(0, |metadata| metadata.len());
    if !collector.wants(&name, size) {
        return;
    }
    if !kind.is_file() {
        return collector.problem(name, ProblemKind::NotAFile);
    }
    match read_file(path, collector.limits().file_size) {
        // It may have grown since its size was asked.
        Ok(content) if collector.wants(&name, content.len() as u64) => {
            collector.file(name, &content);
        }
        Ok(_) => {}
        Err(error) => collector.problem(name, ProblemKind::Unreadable(error.to_string())),
    }
}

/// Reads at most one byte more than `limit`. Whatever replaced the file since it
/// was listed – a link, a pipe – is neither followed nor waited for.
fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata().as_ref().is_ok_and(Metadata::is_file) {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(set: &SourceSet) -> Vec<(&str, &ProblemKind)> {
        set.problems
            .iter()
            .map(|problem| (problem.path.as_str(), &problem.kind))
            .collect()
    }

    #[test]
    fn files_are_read_in_order_of_their_paths() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("teams/a")).unwrap();
        std::fs::create_dir_all(root.path().join(".git")).unwrap();
        std::fs::write(root.path().join("teams/a/x.yml"), "x").unwrap();
        std::fs::write(root.path().join("mesh.yaml"), "m").unwrap();
        std::fs::write(root.path().join("mesh.yaml~"), "old").unwrap();
        std::fs::write(root.path().join(".git/config.yaml"), "no").unwrap();
        std::fs::create_dir_all(root.path().join(".github/workflows")).unwrap();
        std::fs::write(root.path().join(".github/workflows/ci.yml"), "no").unwrap();
        std::fs::write(root.path().join(".gitlab-ci.yml"), "no").unwrap();
        std::os::unix::fs::symlink("a", root.path().join(".current")).unwrap();
        let set = read_directory(root.path(), &Limits::default()).unwrap();
        let paths: Vec<_> = set.files.iter().map(|file| &*file.path).collect();
        assert_eq!(paths, ["mesh.yaml", "teams/a/x.yml"]);
        assert_eq!(set.ignored, [".github/", ".gitlab-ci.yml", "mesh.yaml~"]);
        assert!(set.problems.is_empty());
    }

    #[test]
    fn a_link_is_a_problem_wherever_it_leads() {
        let root = tempfile::tempdir().unwrap();
        let link = |name: &str, to: &str| {
            std::os::unix::fs::symlink(to, root.path().join(name)).unwrap();
        };
        link("abs.yaml", "/etc/passwd");
        link("up", "..");
        link("self.yaml", "self.yaml");
        let set = read_directory(root.path(), &Limits::default()).unwrap();
        assert!(set.files.is_empty());
        let expected = ["abs.yaml", "self.yaml", "up"].map(|path| (path, &ProblemKind::Symlink));
        assert_eq!(kinds(&set), expected);
    }

    #[test]
    fn a_pipe_is_not_opened() {
        let root = tempfile::tempdir().unwrap();
        let pipe = root.path().join("pipe.yaml");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let set = read_directory(root.path(), &Limits::default()).unwrap();
        assert_eq!(kinds(&set), [("pipe.yaml", &ProblemKind::NotAFile)]);
    }

    #[test]
    fn depth_is_bounded() {
        let root = tempfile::tempdir().unwrap();
        let deep: std::path::PathBuf = std::iter::repeat_n("d", 40).collect();
        std::fs::create_dir_all(root.path().join(deep)).unwrap();
        let set = read_directory(root.path(), &Limits::default()).unwrap();
        assert_eq!(set.problems.len(), 1);
        assert_eq!(set.problems[0].kind, ProblemKind::TooDeep);
    }

    #[test]
    fn a_missing_root_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        assert!(read_directory(&root.path().join("no"), &Limits::default()).is_err());
    }
}
