use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use mesh_source::{Mirror, ProblemKind, Repository, SourceError, SourceProblem, SourceSet};

use super::protocol::{self, Answer, Head, Origin, Relation, Request};
use super::rlimits;

/// More than the deadline's default: what runs on without using the processor is
/// killed by the parent.
const PROCESSOR_SECONDS: u64 = 60;
/// The largest file that a fetch may write: a pack of the largest download and its index.
const FILE_SIZE: u64 = 1 << 30;

pub(super) fn main() -> ExitCode {
    let answered = rlimits::confine(PROCESSOR_SECONDS, FILE_SIZE)
        .and_then(|()| protocol::read_request(io::stdin().lock()))
        .and_then(|request| {
            rlimits::still_asked(request.parent)?;
            let mut out = io::BufWriter::new(io::stdout().lock());
            protocol::write(&answer(&request), &mut out)
        });
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers one request, in this process.
pub(crate) fn answer(request: &Request) -> Answer {
    look(request).unwrap_or_else(|error| {
        let mut reason = error.to_string();
        if reason.ends_with("Out of memory") {
            reason.push_str(" (of what reading a repository may use)");
        }
        Answer::Refused(reason)
    })
}

fn look(request: &Request) -> Result<Answer, SourceError> {
    match &request.origin {
        Origin::Local(path) => {
            let repository = Repository::open(path)?;
            let branch = match &request.branch {
                Some(branch) => branch.clone(),
                None => repository.head_branch()?,
            };
            look_at(&repository, branch, request)
        }
        Origin::Remote { url, mirror } => match look_through(mirror, url, request) {
            // The mirror is damaged, or the remote is: one clean copy shows which.
            looked if is_damaged(&looked) => {
                let _ = std::fs::remove_dir_all(mirror);
                look_through(mirror, url, request)
            }
            looked => looked,
        },
    }
}

fn is_damaged(looked: &Result<Answer, SourceError>) -> bool {
    match looked {
        Ok(Answer::Head(_, Some(sources))) => sources.is_damaged(),
        Ok(Answer::Head(_, None) | Answer::Refused(_)) => false,
        Err(error) => matches!(error, SourceError::Object { .. } | SourceError::Open { .. }),
    }
}

fn look_through(mirror: &Path, url: &str, request: &Request) -> Result<Answer, SourceError> {
    let mirror = Mirror::open(mirror)?;
    let branch = mirror.fetch(url, request.branch.as_deref(), &request.fetch)?;
    look_at(mirror.repository(), branch, request)
}

fn look_at(
    repository: &Repository,
    branch: String,
    request: &Request,
) -> Result<Answer, SourceError> {
    let commit = repository.branch(&branch)?;
    let relation = relation(repository, &commit.id, request)?;
    let wanted = match relation {
        Relation::First | Relation::FastForward => true,
        Relation::Same => request.again,
        Relation::Rewritten => request.accept_rewrite,
    };
    let sources = wanted
        .then(|| read(repository, &commit.id, request))
        .transpose()?;
    let head = Head {
        branch,
        commit: commit.id,
        time: commit.time,
        author: commit.author,
        summary: commit.summary,
        relation,
        watched: repository.watched(),
    };
    Ok(Answer::Head(head, sources))
}

/// History that cannot be read stops nobody who follows a rewritten one as well.
fn relation(
    repository: &Repository,
    commit: &str,
    request: &Request,
) -> Result<Relation, SourceError> {
    let Some(known) = &request.known else {
        return Ok(Relation::First);
    };
    match repository.relation(known, commit) {
        Ok(mesh_source::Relation::Same) => Ok(Relation::Same),
        Ok(mesh_source::Relation::FastForward) => Ok(Relation::FastForward),
        Ok(mesh_source::Relation::Rewritten) => Ok(Relation::Rewritten),
        Err(SourceError::Object { .. }) if request.accept_rewrite => Ok(Relation::Rewritten),
        Err(error) => Err(error),
    }
}

/// A commit without the directory of intents is a bad commit, not a source that
/// cannot be reached.
fn read(
    repository: &Repository,
    commit: &str,
    request: &Request,
) -> Result<SourceSet, SourceError> {
    match repository.read(commit, &request.directory, &request.limits) {
        Err(SourceError::NoDirectory(path)) => Ok(SourceSet {
            problems: vec![SourceProblem {
                path,
                kind: ProblemKind::Unreadable("the commit has no such directory".to_owned()),
            }],
            ..SourceSet::default()
        }),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use mesh_source::{FetchLimits, Limits};

    use super::*;
    use crate::testing::{TestRepository, mesh_files};

    fn request(origin: Origin) -> Request {
        Request {
            parent: std::process::id(),
            origin,
            branch: None,
            directory: String::new(),
            known: None,
            again: false,
            accept_rewrite: false,
            limits: Limits::default(),
            fetch: FetchLimits::default(),
        }
    }

    fn files(answer: Answer) -> usize {
        match answer {
            Answer::Head(_, Some(set)) => set.files.len(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_damaged_mirror_is_made_anew() {
        let root = tempfile::tempdir().unwrap();
        let remote = root.path().join("remote");
        TestRepository::new(&remote).commit(&mesh_files("GET"));
        let mirror = root.path().join("mirror.git");
        let request = request(Origin::Remote {
            url: format!("file://{}", remote.display()),
            mirror: mirror.clone(),
        });
        assert_eq!(files(answer(&request)), 4);
        std::fs::remove_dir_all(mirror.join("objects")).unwrap();
        std::fs::create_dir(mirror.join("objects")).unwrap();
        assert_eq!(files(answer(&request)), 4);
        std::fs::write(mirror.join("HEAD"), "\0").unwrap();
        assert_eq!(files(answer(&request)), 4);
    }

    #[test]
    fn history_with_a_gap_is_followed_only_where_rewriting_is_accepted() {
        let root = tempfile::tempdir().unwrap();
        let repository = TestRepository::new(root.path());
        let known = repository.commit(&mesh_files("GET"));
        let lost = repository.commit_on(None, &mesh_files("POST"));
        repository.commit(&mesh_files("PUT"));
        let object = root.path().join("objects").join(&lost[..2]);
        std::fs::remove_file(object.join(&lost[2..])).unwrap();
        let mut request = request(Origin::Local(root.path().to_owned()));
        request.known = Some(known);
        let refused = answer(&request);
        assert!(
            matches!(&refused, Answer::Refused(reason) if reason.contains(&lost)),
            "{refused:?}"
        );
        request.accept_rewrite = true;
        assert_eq!(files(answer(&request)), 4);
    }

    #[test]
    fn a_commit_without_the_directory_is_read_as_a_bad_commit() {
        let root = tempfile::tempdir().unwrap();
        TestRepository::new(root.path()).commit(&mesh_files("GET"));
        let mut request = request(Origin::Local(root.path().to_owned()));
        request.directory = "policies".to_owned();
        let Answer::Head(_, Some(set)) = answer(&request) else {
            panic!("{:?}", answer(&request));
        };
        assert_eq!(set.problems[0].path, "policies");
    }

    #[test]
    fn the_sources_are_sent_only_where_they_are_wanted() {
        let root = tempfile::tempdir().unwrap();
        let repository = TestRepository::new(root.path());
        let first = repository.commit(&mesh_files("GET"));
        repository.commit_on(None, &mesh_files("POST"));
        let mut request = request(Origin::Local(root.path().to_owned()));
        request.known = Some(first.clone());
        assert!(
            matches!(answer(&request), Answer::Head(_, None)),
            "rewritten"
        );
        request.accept_rewrite = true;
        assert_eq!(files(answer(&request)), 4);
        repository.point_at(&first);
        assert!(matches!(answer(&request), Answer::Head(_, None)), "known");
        request.again = true;
        assert_eq!(files(answer(&request)), 4);
    }
}
