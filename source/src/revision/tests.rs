use std::path::Path;

use super::*;
use crate::{Relation, SourceFile, SourceProblem};

struct Fixture {
    directory: tempfile::TempDir,
    git: git2::Repository,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let git = git2::Repository::init_bare(directory.path()).unwrap();
        git.set_head("refs/heads/main").unwrap();
        git2::opts::strict_object_creation(false);
        Self { directory, git }
    }

    fn blob(&self, content: &[u8]) -> Oid {
        self.git.blob(content).unwrap()
    }

    /// A tree as raw bytes: names and modes that no honest tool would write.
    fn tree(&self, entries: &[(&str, &[u8], Oid)]) -> Oid {
        let mut raw = Vec::new();
        for (mode, name, id) in entries {
            raw.extend_from_slice(mode.as_bytes());
            raw.push(b' ');
            raw.extend_from_slice(name);
            raw.push(0);
            raw.extend_from_slice(id.as_bytes());
        }
        let odb = self.git.odb().unwrap();
        odb.write(ObjectType::Tree, &raw).unwrap()
    }

    fn commit(&self, tree: Oid, parents: &[Oid]) -> Oid {
        let who =
            git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(1_700_000_000, 0));
        let who = who.unwrap();
        let tree = self.git.find_tree(tree).unwrap();
        let parents: Vec<_> = parents
            .iter()
            .map(|id| self.git.find_commit(*id).unwrap())
            .collect();
        let parents: Vec<_> = parents.iter().collect();
        let id = self
            .git
            .commit(None, &who, &who, "Say what\n\nand why", &tree, &parents)
            .unwrap();
        self.git
            .reference("refs/heads/main", id, true, "test")
            .unwrap();
        id
    }

    fn open(&self) -> Repository {
        Repository::open(self.directory.path()).unwrap()
    }

    fn read(&self, directory: &str) -> SourceSet {
        let repository = self.open();
        let head = repository.branch("main").unwrap();
        repository
            .read(&head.id, directory, &Limits::default())
            .unwrap()
    }
}

fn paths(files: &[SourceFile]) -> Vec<&str> {
    files.iter().map(|file| &*file.path).collect()
}

fn problems(set: &SourceSet) -> Vec<(&str, &ProblemKind)> {
    set.problems
        .iter()
        .map(|problem| (problem.path.as_str(), &problem.kind))
        .collect()
}

#[test]
fn only_the_directory_asked_for_is_read() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"a: b\n");
    let inner = fixture.tree(&[("100644", b"x.yaml", blob), ("100644", b"x.yaml.bak", blob)]);
    let middle = fixture.tree(&[("40000", b"shop", inner)]);
    let outer = fixture.tree(&[("100644", b"other.yaml", blob), ("40000", b"teams", middle)]);
    fixture.commit(outer, &[]);
    let set = fixture.read("teams/shop/");
    assert_eq!(paths(&set.files), ["x.yaml"]);
    assert_eq!(set.ignored, ["x.yaml.bak"]);
    assert_eq!(
        paths(&fixture.read("").files),
        ["other.yaml", "teams/shop/x.yaml"]
    );
}

#[test]
fn what_is_named_with_a_dot_in_front_is_passed_over_and_listed() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"a: b\n");
    let inner = fixture.tree(&[("100644", b"ci.yml", blob)]);
    let outer = fixture.tree(&[
        ("40000", b".github", inner),
        ("100644", b".gitlab-ci.yml", blob),
        ("100644", b".gitmodules", blob),
        ("120000", b".link", blob),
        ("160000", b".tools", blob),
        ("100644", b"mesh.yaml", blob),
    ]);
    fixture.commit(outer, &[]);
    let set = fixture.read("");
    assert_eq!(paths(&set.files), ["mesh.yaml"]);
    assert_eq!(set.ignored, [".github/", ".gitlab-ci.yml", ".tools/"]);
    assert!(set.problems.is_empty(), "{:?}", set.problems);
    // Who names such a directory means it.
    assert_eq!(paths(&fixture.read(".github").files), ["ci.yml"]);
}

#[test]
fn a_directory_outside_or_missing_is_an_error() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"");
    let id = fixture.commit(fixture.tree(&[("100644", b"x.yaml", blob)]), &[]);
    let repository = fixture.open();
    for directory in ["..", "a/../..", "/etc", "missing", "x.yaml"] {
        let read = repository.read(&id.to_string(), directory, &Limits::default());
        assert!(read.is_err(), "{directory}");
    }
}

#[test]
fn links_submodules_and_odd_names_are_problems() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"/etc/passwd");
    let tree = fixture.tree(&[
        ("100644", b"..", blob),
        (
            "40000",
            b".Git",
            fixture.tree(&[("100644", b"config", blob)]),
        ),
        ("100644", b"a/b.yaml", blob),
        ("160000", b"gitlink", blob),
        ("120000", b"link.yaml", blob),
        ("10000", b"pipe.yaml", blob),
        ("100644", b"\xff.yaml", blob),
    ]);
    fixture.commit(tree, &[]);
    let set = fixture.read("");
    assert!(set.files.is_empty());
    let slash = ProblemKind::Unreadable("its name has a slash".to_owned());
    let path = ProblemKind::Unreadable("its name is a path of the file system".to_owned());
    let git = "no tree of Git has an entry of this name".to_owned();
    let git = ProblemKind::Unreadable(git);
    let expected = [
        ("..", &path),
        (".Git", &git),
        ("a/b.yaml", &slash),
        ("gitlink", &ProblemKind::Submodule),
        ("link.yaml", &ProblemKind::Symlink),
        ("pipe.yaml", &ProblemKind::NotAFile),
        ("\u{fffd}.yaml", &ProblemKind::NotUtf8Name),
    ];
    let mut found = problems(&set);
    found.sort_by_key(|(path, _)| expected.iter().position(|(name, _)| name == path));
    assert_eq!(found, expected);
}

#[test]
fn a_huge_blob_is_refused_by_its_size() {
    let fixture = Fixture::new();
    let size = 64 << 20;
    let mut writer = fixture.git.blob_writer(None).unwrap();
    for _ in 0..64 {
        std::io::Write::write_all(&mut writer, &vec![0; 1 << 20]).unwrap();
    }
    let blob = writer.commit().unwrap();
    fixture.commit(fixture.tree(&[("100644", b"zeros.yaml", blob)]), &[]);
    let set = fixture.read("");
    assert!(set.files.is_empty());
    let kind = ProblemKind::TooLarge {
        bytes: size,
        limit: 1 << 20,
    };
    assert_eq!(problems(&set), [("zeros.yaml", &kind)]);
}

#[test]
fn a_tree_bomb_ends_at_the_limit_of_entries() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"a: b\n");
    let mut tree = fixture.tree(&[("100644", b"x.yaml", blob)]);
    for _ in 0..20 {
        let names: Vec<String> = (0..10).map(|n| format!("d{n}")).collect();
        let entries: Vec<_> = names
            .iter()
            .map(|name| ("40000", name.as_bytes(), tree))
            .collect();
        tree = fixture.tree(&entries);
    }
    fixture.commit(tree, &[]);
    let set = fixture.read("");
    let kind = ProblemKind::TooManyFiles { limit: 200_000 };
    let files = ProblemKind::TooManyFiles { limit: 20_000 };
    let found = |problem: &SourceProblem| problem.kind == kind || problem.kind == files;
    assert!(set.problems.iter().any(found));
    assert!(set.files.is_empty());
}

#[test]
fn a_deep_tree_ends_at_the_limit_of_depth() {
    let fixture = Fixture::new();
    let mut tree = fixture.tree(&[("100644", b"x.yaml", fixture.blob(b""))]);
    for _ in 0..100 {
        tree = fixture.tree(&[("40000", b"d", tree)]);
    }
    fixture.commit(tree, &[]);
    let set = fixture.read("");
    assert_eq!(set.problems.len(), 1);
    assert_eq!(set.problems[0].kind, ProblemKind::TooDeep);
}

#[test]
fn a_missing_object_is_a_problem_at_its_path() {
    let fixture = Fixture::new();
    let gone = Oid::from_bytes(&[7; 20]).unwrap();
    let good = fixture.blob(b"a: b\n");
    let tree = fixture.tree(&[
        ("100644", b"good.yaml", good),
        ("100644", b"x.yaml", gone),
        ("40000", b"y", gone),
    ]);
    fixture.commit(tree, &[]);
    let set = fixture.read("");
    assert_eq!(paths(&set.files), ["good.yaml"]);
    let kind = ProblemKind::Damaged {
        object: gone.to_string(),
        reason: "is missing from the repository".to_owned(),
    };
    assert_eq!(problems(&set), [("x.yaml", &kind), ("y", &kind)]);
    assert!(set.is_damaged());
    assert_eq!(problems(&fixture.read("y")), [(".", &kind)]);
}

#[test]
fn a_damaged_object_is_a_problem_until_it_is_repaired() {
    let fixture = Fixture::new();
    let blob = fixture.blob(b"a: b\n");
    fixture.commit(fixture.tree(&[("100644", b"x.yaml", blob)]), &[]);
    let id = blob.to_string();
    let file = fixture
        .directory
        .path()
        .join("objects")
        .join(&id[..2])
        .join(&id[2..]);
    let whole = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    for damage in [&b""[..], b"noise", &whole[..whole.len() / 2]] {
        std::fs::write(&file, damage).unwrap();
        let set = fixture.read("");
        assert!(set.is_damaged() && set.files.is_empty(), "{set:?}");
    }
    std::fs::write(&file, whole).unwrap();
    assert!(!fixture.read("").is_damaged());
}

#[test]
fn a_branch_is_followed_by_its_ancestry() {
    let fixture = Fixture::new();
    let tree = fixture.tree(&[]);
    let first = fixture.commit(tree, &[]);
    let second = fixture.commit(tree, &[first]);
    let other = fixture.tree(&[("100644", b"x.yaml", fixture.blob(b""))]);
    let amended = fixture.commit(other, &[first]);
    let repository = fixture.open();
    let relation = |old: Oid, new: Oid| {
        repository
            .relation(&old.to_string(), &new.to_string())
            .unwrap()
    };
    assert_eq!(relation(first, first), Relation::Same);
    assert_eq!(relation(first, second), Relation::FastForward);
    assert_eq!(relation(second, first), Relation::Rewritten);
    assert_eq!(relation(second, amended), Relation::Rewritten);
    let gone = Oid::from_bytes(&[7; 20]).unwrap();
    assert_eq!(relation(gone, second), Relation::Rewritten);
}

#[test]
fn a_commit_has_its_author_and_summary() {
    let fixture = Fixture::new();
    fixture.commit(fixture.tree(&[]), &[]);
    let commit = fixture.open().branch("main").unwrap();
    assert_eq!(
        (commit.author.as_str(), commit.summary.as_str()),
        ("Ada", "Say what")
    );
    assert_eq!(commit.time, 1_700_000_000);
}

#[test]
fn a_branch_without_a_commit_is_told_from_none() {
    let fixture = Fixture::new();
    let repository = fixture.open();
    assert_eq!(repository.head_branch().unwrap(), "main");
    assert!(matches!(
        repository.branch("main"),
        Err(SourceError::Unborn(_))
    ));
    assert!(matches!(
        repository.branch("other"),
        Err(SourceError::NoBranch(_))
    ));
}

#[test]
fn what_is_no_repository_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    assert!(Repository::open(&directory.path().join("no")).is_err());
    assert!(Repository::open(Path::new("/proc/self/no")).is_err());
}
