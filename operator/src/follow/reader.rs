use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use mesh_source::{Limits, SourceSet};

use super::Watched;
use crate::config::{OperatorConfig, Rewrites, SourceConfig};
use crate::fetch::{Answer, ChildReader, Origin, Relation, Request};
use crate::sources;

/// Reads what is followed, as configured.
#[derive(Debug)]
pub(crate) enum SourceReader {
    /// Commits of a branch, by the child process.
    Git {
        child: ChildReader,
        request: Box<Request>,
    },
    /// A directory as it is.
    Files { path: PathBuf, limits: Limits },
    /// Commits of a branch, in this process.
    #[cfg(test)]
    InPlace { request: Box<Request> },
}

/// What a look found.
#[derive(Debug)]
pub(crate) struct Look {
    /// The object name, or `files-<hash>`.
    pub(crate) id: String,
    /// In Unix seconds.
    pub(crate) time: i64,
    pub(crate) author: String,
    pub(crate) summary: String,
    /// To the commit that was known.
    pub(crate) relation: Relation,
    /// Where changes show.
    pub(crate) watched: Vec<Watched>,
    /// Where they were wanted.
    pub(crate) sources: Option<SourceSet>,
}

impl SourceReader {
    /// The reader for a configuration; its home and mirror lie in the state directory.
    pub(crate) fn new(config: &OperatorConfig) -> io::Result<Self> {
        let reading = &config.reading;
        let (origin, branch) = match &config.source {
            SourceConfig::Files { path } => {
                return Ok(Self::Files {
                    path: path.join(&config.directory),
                    limits: reading.limits,
                });
            }
            SourceConfig::Local { path, branch } => (Origin::Local(path.clone()), branch.clone()),
            SourceConfig::Remote { url, branch } => {
                let mirror = std::path::absolute(config.state_dir.join("mirror.git"))?;
                let url = url.clone();
                (Origin::Remote { url, mirror }, branch.clone())
            }
        };
        let child = ChildReader::new(
            reading.program.clone(),
            std::path::absolute(config.state_dir.join("home"))?,
            reading.deadline,
            reading.git_ca.clone(),
        )?;
        let request = Request {
            parent: std::process::id(),
            origin,
            branch,
            directory: config.directory.clone(),
            known: None,
            again: false,
            accept_rewrite: reading.rewrites == Rewrites::Accept,
            limits: reading.limits,
            fetch: reading.fetch,
        };
        Ok(Self::Git {
            child,
            request: Box::new(request),
        })
    }

    /// Looks once. `again`: the sources are wanted even if the head is the known one.
    pub(crate) async fn look(&self, known: Option<&str>, again: bool) -> Result<Look, String> {
        match self {
            Self::Git { child, request } => {
                let request = asked(request, known, again);
                let answer = child.look(&request).await;
                found(&request, answer.map_err(|error| error.to_string())?)
            }
            Self::Files { path, limits } => files(path, limits, known),
            #[cfg(test)]
            Self::InPlace { request } => {
                let request = asked(request, known, again);
                found(&request, crate::fetch::answer(&request))
            }
        }
    }
}

fn asked(template: &Request, known: Option<&str>, again: bool) -> Request {
    Request {
        known: known.map(str::to_owned),
        again,
        ..template.clone()
    }
}

fn found(request: &Request, answer: Answer) -> Result<Look, String> {
    let (head, sources) = match answer {
        Answer::Head(head, sources) => (head, sources),
        Answer::Refused(reason) => return Err(reason),
    };
    let watched = match request.origin {
        Origin::Local(_) => head
            .watched
            .iter()
            .flat_map(|git| references(git))
            .collect(),
        Origin::Remote { .. } => Vec::new(),
    };
    Ok(Look {
        id: head.commit,
        time: head.time,
        author: head.author,
        summary: head.summary,
        relation: head.relation,
        watched,
        sources,
    })
}

/// Where a Git directory shows that a branch or `HEAD` moved.
fn references(git: &Path) -> [Watched; 2] {
    [
        Watched::Entries(git.to_owned(), &["HEAD", "packed-refs"]),
        Watched::Tree(git.join("refs/heads")),
    ]
}

fn files(path: &Path, limits: &Limits, known: Option<&str>) -> Result<Look, String> {
    let set = mesh_source::read_directory(path, limits).map_err(|error| error.to_string())?;
    let hash = sources::hash(&set).to_string();
    let id = format!("files-{}", hash.get(..12).unwrap_or(&hash));
    let relation = match known {
        None => Relation::First,
        Some(known) if known == id => Relation::Same,
        Some(_) => Relation::FastForward,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(Look {
        id,
        time: now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX)),
        author: String::new(),
        summary: "files as saved".to_owned(),
        relation,
        watched: vec![Watched::Tree(path.to_owned())],
        sources: Some(set),
    })
}
