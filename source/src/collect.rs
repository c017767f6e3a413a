use mesh_compiler::{ProblemKind, SourceFile, SourceProblem, SourceSet};

use crate::Limits;

/// The most problems, and the most ignored files, that one set lists.
const LISTED: usize = 1_000;

/// Gathers a [`SourceSet`] within [`Limits`]: what the directory and the tree
/// reader have in common. Pure; the readers ask before they read.
pub(crate) struct Collector<'a> {
    limits: &'a Limits,
    set: SourceSet,
    entries: usize,
    total: u64,
    full: bool,
}

/// What an entry of a directory is, as far as its name decides what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// With entries of its own: a directory, a submodule.
    Directory,
    /// Anything else: a file, a link, a pipe.
    File,
}

/// What a file name says about the file.
enum Named {
    /// `*.yaml`, `*.yml`.
    Intent,
    /// An intent file in every respect but its ending: an editor's backup, say.
    Leftover,
    /// Not ours.
    Other,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            set: SourceSet::default(),
            entries: 0,
            total: 0,
            full: false,
        }
    }

    /// Whether a limit of the whole set is reached: nothing more is looked at.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    pub(crate) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// Counts one entry of a directory and gives its path, or notes what is wrong
    /// with its name.
    pub(crate) fn entry(&mut self, parent: &str, name: &[u8]) -> Option<String> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            let kind = ProblemKind::TooManyFiles {
                limit: self.limits.entries as u64,
            };
            self.stop(parent, kind);
            return None;
        }
        let shown = || {
            join(
                parent,
                &String::from_utf8_lossy(name).escape_debug().to_string(),
            )
        };
        let Ok(text) = std::str::from_utf8(name) else {
            self.problem(shown(), ProblemKind::NotUtf8Name);
            return None;
        };
        if let Some(reason) = unusable(text) {
            self.problem(shown(), ProblemKind::Unreadable(reason.to_owned()));
            return None;
        }
        Some(join(parent, text))
    }

    /// Whether an entry is passed over because its name begins with a dot: there other
    /// programs keep what is theirs (`.github/`, `.gitlab-ci.yml`). What might have been
    /// meant as intents is listed, a directory with a slash behind it.
    pub(crate) fn passes_over(&mut self, path: &str, kind: Entry) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        if !name.starts_with('.') {
            return false;
        }
        match kind {
            Entry::Directory => self.ignore(format!("{path}/")),
            Entry::File if Self::is_named_as_ours(path) => self.ignore(path.to_owned()),
            Entry::File => {}
        }
        true
    }

    /// Whether a file is read or listed at all, by its name alone.
    pub(crate) fn is_named_as_ours(path: &str) -> bool {
        !matches!(named(path), Named::Other)
    }

    /// Whether the content of a file may be read, by its name and its size.
    pub(crate) fn wants(&mut self, path: &str, size: u64) -> bool {
        match named(path) {
            Named::Other => return false,
            Named::Leftover => {
                self.ignore(path.to_owned());
                return false;
            }
            Named::Intent => {}
        }
        if size > self.limits.file_size {
            let kind = ProblemKind::TooLarge {
                bytes: size,
                limit: self.limits.file_size,
            };
            self.problem(path.to_owned(), kind);
            return false;
        }
        if self.set.files.len() >= self.limits.files {
            let kind = ProblemKind::TooManyFiles {
                limit: self.limits.files as u64,
            };
            self.stop(path, kind);
            return false;
        }
        if self.total + size > self.limits.total_size {
            let kind = ProblemKind::TotalTooLarge {
                limit: self.limits.total_size,
            };
            self.stop(path, kind);
            return false;
        }
        true
    }

    /// Takes a file that [`Self::wants`] agreed to.
    pub(crate) fn file(&mut self, path: String, content: &[u8]) {
        self.total += content.len() as u64;
        self.set.files.push(SourceFile::new(path, content));
    }

    pub(crate) fn problem(&mut self, path: String, kind: ProblemKind) {
        self.set.problems.push(SourceProblem { path, kind });
        if self.set.problems.len() >= LISTED {
            self.full = true;
        }
    }

    /// The set, sorted by path. Where a limit of the whole was reached, the files that came
    /// before it mean nothing without the others: only the problems are given.
    pub(crate) fn finish(mut self) -> SourceSet {
        if self.full {
            self.set.files.clear();
        }
        self.set.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.set.ignored.sort();
        self.set.problems.sort_by(|a, b| a.path.cmp(&b.path));
        self.set
    }

    fn ignore(&mut self, path: String) {
        if self.set.ignored.len() < LISTED {
            self.set.ignored.push(path);
        }
    }

    fn stop(&mut self, path: &str, kind: ProblemKind) {
        self.problem(path.to_owned(), kind);
        self.full = true;
    }
}

/// Whether a file is read as an intent, by its path below the directory of intents: it ends
/// in `.yaml` or `.yml`, and no part of it begins with a dot.
pub fn is_intent(path: &str) -> bool {
    let hidden = path.split('/').any(|part| part.starts_with('.'));
    !hidden && matches!(named(path), Named::Intent)
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}/{name}")
    }
}

/// Names that a tree object can hold and a file system would read as something else.
fn unusable(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("its name is empty"),
        "." | ".." => Some("its name is a path of the file system"),
        _ if name.contains('/') => Some("its name has a slash"),
        _ if name.chars().any(steers) => Some("its name has control characters"),
        _ => None,
    }
}

/// Characters that move the cursor or turn the direction of what is shown after them.
fn steers(character: char) -> bool {
    let turns = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || character.is_control()
}

fn named(path: &str) -> Named {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let is = |ending: &str| lower.len() > ending.len() && lower.ends_with(ending);
    if [".yaml", ".yml"].into_iter().any(|it| name.ends_with(it)) {
        return Named::Intent;
    }
    let leftover = [
        ".yaml~",
        ".yml~",
        ".yaml.bak",
        ".yml.bak",
        ".yaml.orig",
        ".yml.orig",
    ];
    let twins = [
        ".yaml",
        ".yml",
        ".yaml.swp",
        ".yml.swp",
        ".yaml.rej",
        ".yml.rej",
    ];
    if leftover.into_iter().chain(twins).any(is) {
        Named::Leftover
    } else {
        Named::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            files: 2,
            file_size: 10,
            total_size: 15,
            depth: 3,
            entries: 5,
        }
    }

    #[test]
    fn a_name_with_an_odd_ending_is_listed_and_not_read() {
        let limits = limits();
        let mut collector = Collector::new(&limits);
        assert!(collector.wants("a.yaml", 1) && collector.wants("b/c.yml", 1));
        for path in ["a.yaml~", "a.yml.bak", "A.YAML"] {
            assert!(!collector.wants(path, 1), "{path}");
        }
        assert!(!collector.wants("README.md", 1));
        assert_eq!(
            collector.finish().ignored,
            ["A.YAML", "a.yaml~", "a.yml.bak"]
        );
    }

    #[test]
    fn names_that_begin_with_a_dot_are_passed_over_and_listed_where_they_may_be_meant() {
        let limits = limits();
        let mut collector = Collector::new(&limits);
        assert!(collector.passes_over(".github", Entry::Directory));
        assert!(collector.passes_over("a/.gitlab-ci.yml", Entry::File));
        assert!(collector.passes_over(".gitignore", Entry::File));
        assert!(!collector.passes_over("a.b", Entry::Directory));
        assert!(!collector.passes_over(".a/b.yaml", Entry::File));
        assert_eq!(collector.finish().ignored, [".github/", "a/.gitlab-ci.yml"]);
        assert!(is_intent("a/b.c.yaml") && is_intent("a.yml"));
        for path in [".github/ci.yml", "a/.b.yaml", "a.yaml~", "README.md"] {
            assert!(!is_intent(path), "{path}");
        }
    }

    #[test]
    fn names_that_mean_a_path_are_problems() {
        let limits = limits();
        let mut collector = Collector::new(&limits);
        for name in [&b".."[..], b"a/b", b"a\x1b[2J", b"\xff"] {
            assert_eq!(collector.entry("d", name), None);
        }
        assert_eq!(collector.finish().problems.len(), 4);
    }

    #[test]
    fn every_limit_is_a_problem_at_the_path_that_passed_it() {
        let limits = limits();
        let mut collector = Collector::new(&limits);
        assert!(!collector.wants("big.yaml", 11));
        assert!(
            !collector.is_full(),
            "one large file does not hide the others"
        );
        assert!(collector.wants("a.yaml", 10));
        collector.file("a.yaml".to_owned(), &[b'#'; 10]);
        assert!(!collector.wants("b.yaml", 6));
        assert!(collector.is_full());
        let set = collector.finish();
        assert_eq!(set.problems.len(), 2);
        assert!(set.files.is_empty(), "a part of the whole is not compiled");
    }

    #[test]
    fn entries_that_are_no_intents_count_as_well() {
        let limits = limits();
        let mut collector = Collector::new(&limits);
        for n in 0..6 {
            collector.entry("", format!("{n}.txt").as_bytes());
        }
        assert!(collector.is_full());
    }
}
