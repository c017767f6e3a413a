use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use mesh_source::{Mirror, Repository, SourceError};

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
            Err(SourceError::Object { .. } | SourceError::Open { .. }) => {
                let _ = std::fs::remove_dir_all(mirror);
                look_through(mirror, url, request)
            }
            looked => looked,
        },
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
    let relation = match &request.known {
        None => Relation::First,
        Some(known) => match repository.relation(known, &commit.id)? {
            mesh_source::Relation::Same => Relation::Same,
            mesh_source::Relation::FastForward => Relation::FastForward,
            mesh_source::Relation::Rewritten => Relation::Rewritten,
        },
    };
    let wanted = match relation {
        Relation::First | Relation::FastForward => true,
        Relation::Same => request.again,
        Relation::Rewritten => request.accept_rewrite,
    };
    let sources = wanted
        .then(|| repository.read(&commit.id, &request.directory, &request.limits))
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

#[cfg(test)]
mod tests {
    use mesh_source::{FetchLimits, Limits};

    use super::*;
    use crate::testing::{TestRepository, mesh_files};

    fn request(origin: Origin) -> Request {
        Request {
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
