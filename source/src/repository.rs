use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid};

use crate::loose::is_cut_short;
use crate::{ProblemKind, SourceError};

/// Commits and tags are read whole; a larger one is refused unread.
const MAX_COMMIT: usize = 1 << 20;
/// A tree object is read whole; a larger one (some 200,000 entries) is refused unread.
const MAX_TREE: usize = 8 << 20;

/// A Git repository, bare or not, of which only references and objects are read.
pub struct Repository {
    pub(crate) git: git2::Repository,
}

/// One commit, as far as it is shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The object name in hexadecimal.
    pub id: String,
    /// When it was committed, in Unix seconds.
    pub time: i64,
    /// The author's name; lossy where it is not UTF-8.
    pub author: String,
    /// The first line of the message; lossy where it is not UTF-8.
    pub summary: String,
}

/// How a branch stands to a commit that it pointed at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It still points there.
    Same,
    /// The old commit is an ancestor of the new one.
    FastForward,
    /// It is not: the branch was amended, rebased, reset or replaced.
    Rewritten,
}

impl Repository {
    /// Opens the repository whose work tree or bare directory is exactly `path`
    /// or, for a directory inside a work tree, the one around it.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let git = git2::Repository::discover(path).map_err(|error| SourceError::Open {
            path: path.to_owned(),
            reason: error.message().to_owned(),
        })?;
        Ok(Self { git })
    }

    /// The root of the work tree, where there is one.
    pub fn work_tree(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// The directories in which a change of a branch shows: that of `HEAD` and that
    /// of the references (they differ for a linked work tree).
    pub fn watched(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.git.path().to_owned(), self.git.commondir().to_owned()];
        paths.dedup();
        paths
    }

    /// The name of the checked-out branch, which need not have a commit.
    pub fn head_branch(&self) -> Result<String, SourceError> {
        let no_head = |_| SourceError::NoRevision("HEAD".to_owned());
        let head = self.git.find_reference("HEAD").map_err(no_head)?;
        let target = head.symbolic_target().ok().flatten();
        target
            .and_then(|name| name.strip_prefix("refs/heads/"))
            .map(str::to_owned)
            .ok_or(SourceError::DetachedHead)
    }

    /// The commit that a branch points at.
    pub fn branch(&self, name: &str) -> Result<Commit, SourceError> {
        let reference = format!("refs/heads/{name}");
        match self.git.refname_to_id(&reference) {
            Ok(id) => self.commit(id),
            Err(error) if error.code() == ErrorCode::NotFound => {
                Err(if self.head_branch().is_ok_and(|head| head == name) {
                    SourceError::Unborn(name.to_owned())
                } else {
                    SourceError::NoBranch(name.to_owned())
                })
            }
            Err(_) => Err(SourceError::NoBranch(name.to_owned())),
        }
    }

    /// The commit that a revision names: a branch, a tag, `HEAD~2`, an object name.
    pub fn resolve(&self, revision: &str) -> Result<Commit, SourceError> {
        let none = |_| SourceError::NoRevision(revision.to_owned());
        let object = self.git.revparse_single(revision).map_err(none)?;
        let commit = object.peel(ObjectType::Commit).map_err(none)?;
        self.commit(commit.id())
    }

    /// How `new` stands to `old`. A commit that is not there any more was rewritten.
    pub fn relation(&self, old: &str, new: &str) -> Result<Relation, SourceError> {
        if old == new {
            return Ok(Relation::Same);
        }
        let (old, new) = (object_id(old)?, object_id(new)?);
        let odb = self.git.odb().map_err(|error| object_error(old, &error))?;
        if !odb.exists(old) {
            return Ok(Relation::Rewritten);
        }
        match self.git.graph_descendant_of(new, old) {
            Ok(true) => Ok(Relation::FastForward),
            Ok(false) => Ok(Relation::Rewritten),
            Err(error) => Err(object_error(new, &error)),
        }
    }

    /// The commit that two have in common, where their branches parted.
    pub fn merge_base(&self, one: &Commit, other: &Commit) -> Result<Commit, SourceError> {
        let (a, b) = (object_id(&one.id)?, object_id(&other.id)?);
        let common = self.git.merge_base(a, b);
        let common = common.map_err(|error| object_error(a, &error))?;
        self.commit(common)
    }

    pub(crate) fn commit(&self, id: Oid) -> Result<Commit, SourceError> {
        self.check_commit(id)?;
        let commit = self
            .git
            .find_commit(id)
            .map_err(|error| object_error(id, &error))?;
        let author = commit.author();
        Ok(Commit {
            id: id.to_string(),
            time: commit.time().seconds(),
            author: String::from_utf8_lossy(author.name_bytes()).into_owned(),
            summary: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default())
                .into_owned(),
        })
    }

    /// Type and size of an object that can be read without waiting for its end for ever.
    pub(crate) fn header(&self, id: Oid, limit: usize) -> Result<(usize, ObjectType), git2::Error> {
        let (size, kind) = self.git.odb()?.read_header(id)?;
        let objects = self.git.commondir().join("objects");
        if size <= limit && is_cut_short(&objects, id, size) {
            return Err(git2::Error::from_str("it ends too early"));
        }
        Ok((size, kind))
    }

    /// A tree, whose size is asked before it is read; or what is wrong with it.
    pub(crate) fn tree(&self, id: Oid) -> Result<git2::Tree<'_>, ProblemKind> {
        let broken = |error: git2::Error| damaged(id, &error);
        let header = self.header(id, MAX_TREE).map_err(broken)?;
        match mismatch(header, (MAX_TREE, ObjectType::Tree)) {
            Some(reason) => Err(ProblemKind::Unreadable(reason)),
            None => self.git.find_tree(id).map_err(broken),
        }
    }

    /// Asks type and size of a commit before it is read.
    fn check_commit(&self, id: Oid) -> Result<(), SourceError> {
        let header = self.header(id, MAX_COMMIT);
        let header = header.map_err(|error| object_error(id, &error))?;
        match mismatch(header, (MAX_COMMIT, ObjectType::Commit)) {
            Some(reason) => Err(SourceError::Object {
                id: id.to_string(),
                reason,
            }),
            None => Ok(()),
        }
    }
}

/// Why an object of this size and type is not what was asked for.
fn mismatch(
    (size, actual): (usize, ObjectType),
    (limit, kind): (usize, ObjectType),
) -> Option<String> {
    if actual != kind {
        Some(format!("it is a {actual}, not a {kind}"))
    } else if size > limit {
        Some(format!("it has {size} bytes, a {kind} may have {limit}"))
    } else {
        None
    }
}

pub(crate) fn object_id(text: &str) -> Result<Oid, SourceError> {
    Oid::from_str(text).map_err(|_| SourceError::NoRevision(text.to_owned()))
}

/// A problem of one path, where its object cannot be read at all.
pub(crate) fn damaged(id: Oid, error: &git2::Error) -> ProblemKind {
    ProblemKind::Damaged {
        object: id.to_string(),
        reason: match error.code() {
            ErrorCode::NotFound => "is missing from the repository".to_owned(),
            _ => format!("is damaged: {}", error.message()),
        },
    }
}

pub(crate) fn object_error(id: Oid, error: &git2::Error) -> SourceError {
    SourceError::Object {
        id: id.to_string(),
        reason: error.message().to_owned(),
    }
}
