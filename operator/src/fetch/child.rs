use std::io::{self, Write};
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
    look(request).unwrap_or_else(|error| Answer::Refused(error.to_string()))
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
        Origin::Remote { url, mirror } => {
            let mirror = Mirror::open(mirror)?;
            let branch = mirror.fetch(url, request.branch.as_deref(), &request.fetch)?;
            look_at(mirror.repository(), branch, request)
        }
    }
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
