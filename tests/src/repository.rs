use std::path::{Path, PathBuf};

use git2::{IndexAddOption, Signature};
use tempfile::TempDir;

/// A Git repository in a directory of its own, with a work tree and the branch `main`.
pub struct Repository {
    directory: TempDir,
    git: git2::Repository,
}

impl Repository {
    /// An empty one, without a commit.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().expect("a directory for the repository");
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main");
        let git = git2::Repository::init_opts(directory.path(), &options).expect("git init");
        Self { directory, git }
    }

    /// One whose first commit is a copy of an example under `policies-example/`.
    pub fn of_example(name: &str) -> Self {
        Self::of_directory(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../policies-example")
                .join(name),
        )
    }

    /// One whose first commit is the small shop under `tests/fixtures/`.
    pub fn of_shop() -> Self {
        Self::of_directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shop"))
    }

    fn of_directory(directory: &Path) -> Self {
        let repository = Self::empty();
        copy(directory, repository.path());
        repository.commit("as it is");
        repository
    }

    /// The one-based number of the only line that holds a text.
    #[track_caller]
    pub fn line_of(&self, path: &str, text: &str) -> u64 {
        let content = std::fs::read_to_string(self.file(path)).expect("a file of the work tree");
        let lines: Vec<_> = content
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(text))
            .collect();
        assert_eq!(
            lines.len(),
            1,
            "`{text}` stands on exactly one line of {path}"
        );
        lines[0].0 as u64 + 1
    }

    /// One whose first commit holds these files.
    pub fn of_files(files: &[(&str, &str)]) -> Self {
        let repository = Self::empty();
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.commit("first");
        repository
    }

    /// The root of its work tree.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The repository itself, for what this type does not do.
    pub fn git(&self) -> &git2::Repository {
        &self.git
    }

    /// The id of the branch's commit in hexadecimal.
    pub fn head(&self) -> String {
        let head = self.git.head().expect("a branch").target();
        head.expect("a commit").to_string()
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: &str) {
        let file = self.file(path);
        std::fs::create_dir_all(file.parent().expect("a file has a directory"))
            .expect("a directory");
        std::fs::write(file, text).expect("a written file");
    }

    /// Replaces a text that stands exactly once in a file.
    #[track_caller]
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.file(path)).expect("a file of the work tree");
        assert_eq!(
            text.matches(from).count(),
            1,
            "`{from}` stands exactly once in {path}"
        );
        self.write(path, &text.replace(from, to));
    }

    /// Commits the work tree as it is; gives the commit's id in hexadecimal.
    pub fn commit(&self, message: &str) -> String {
        let mut index = self.git.index().expect("an index");
        index
            .add_all(["*"], IndexAddOption::DEFAULT, None)
            .expect("git add");
        index.update_all(["*"], None).expect("git add -u");
        index.write().expect("a written index");
        let tree = self
            .git
            .find_tree(index.write_tree().expect("a tree"))
            .expect("the tree");
        let who = Signature::now("Somebody", "somebody@shop.example").expect("a signature");
        let parent = self
            .git
            .head()
            .ok()
            .map(|head| head.peel_to_commit().expect("a commit"));
        let parents: Vec<_> = parent.iter().collect();
        self.git
            .commit(Some("HEAD"), &who, &who, message, &tree, &parents)
            .expect("git commit")
            .to_string()
    }

    fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the example exists") {
        let entry = entry.expect("a readable entry").path();
        let target = to.join(entry.file_name().expect("an entry has a name"));
        if entry.is_dir() {
            std::fs::create_dir_all(&target).expect("a directory");
            copy(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).expect("a copied file");
        }
    }
}
