use std::io::{self, Read, Write};
use std::path::PathBuf;

use mesh_source::{FetchLimits, Limits, SourceSet};
use serde::{Deserialize, Serialize};

use crate::sources;

/// The most bytes of a request.
pub(super) const MAX_REQUEST: u64 = 1 << 20;
/// The most bytes of an answer beside the contents of files.
pub(super) const MAX_OVERHEAD: u64 = 32 << 20;

/// One look at a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The process that asks; whoever is asked ends with it.
    pub(crate) parent: u32,
    pub(crate) origin: Origin,
    /// `None`: the checked-out branch, or the remote's default.
    pub(crate) branch: Option<String>,
    /// The directory of intents; empty for the root.
    pub(crate) directory: String,
    /// The commit that was followed before.
    pub(crate) known: Option<String>,
    /// Whether the sources are wanted even where the head is the known commit.
    pub(crate) again: bool,
    /// Whether the sources of a rewritten branch are wanted.
    pub(crate) accept_rewrite: bool,
    #[serde(with = "ReadLimits")]
    pub(crate) limits: Limits,
    #[serde(with = "RemoteLimits")]
    pub(crate) fetch: FetchLimits,
}

/// Where the repository is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// Read in place.
    Local(PathBuf),
    /// Fetched into a bare mirror first.
    Remote { url: String, mirror: PathBuf },
}

/// What the child found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The branch has a commit; with the sources, where they were wanted.
    Head(Head, Option<SourceSet>),
    /// It could not be read, in words for people.
    Refused(String),
}

/// Where the followed branch points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) branch: String,
    pub(crate) commit: String,
    pub(crate) time: i64,
    pub(crate) author: String,
    pub(crate) summary: String,
    /// To the known commit; [`Relation::First`] where none was.
    pub(crate) relation: Relation,
    /// The directories in which a change of the branch shows.
    pub(crate) watched: Vec<PathBuf>,
}

/// [`mesh_source::Relation`], and that there is nothing to relate to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Relation {
    First,
    Same,
    FastForward,
    Rewritten,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Limits")]
struct ReadLimits {
    files: usize,
    file_size: u64,
    total_size: u64,
    depth: usize,
    entries: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FetchLimits")]
struct RemoteLimits {
    bytes: u64,
    objects: usize,
}

#[derive(Serialize, Deserialize)]
enum Frame {
    Head(Head),
    Refused(String),
}

/// Writes an answer: length (four bytes, big endian) and JSON, then the sources, if any.
pub(super) fn write(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    let (frame, set) = match answer {
        Answer::Head(head, set) => (Frame::Head(head.clone()), set.as_ref()),
        Answer::Refused(reason) => (Frame::Refused(reason.clone()), None),
    };
    let json = serde_json::to_vec(&frame)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&json)?;
    if let Some(set) = set {
        out.write_all(&sources::encode(set))?;
    }
    out.flush()
}

/// Reads an answer from all that a child wrote; `None` where it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Answer> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (json, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    match serde_json::from_slice(json).ok()? {
        Frame::Refused(reason) => rest.is_empty().then_some(Answer::Refused(reason)),
        Frame::Head(head) if rest.is_empty() => Some(Answer::Head(head, None)),
        Frame::Head(head) => Some(Answer::Head(head, Some(sources::decode(rest).ok()?))),
    }
}

/// Reads the request, bounded.
pub(super) fn read_request(input: impl Read) -> io::Result<Request> {
    let mut bytes = Vec::new();
    input.take(MAX_REQUEST).read_to_end(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

#[cfg(test)]
mod tests {
    use mesh_source::SourceFile;

    use super::*;

    fn head() -> Head {
        Head {
            branch: "main".to_owned(),
            commit: "0".repeat(40),
            time: 7,
            author: "Ada".to_owned(),
            summary: "Say what".to_owned(),
            relation: Relation::First,
            watched: vec!["/srv/policies/.git".into()],
        }
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let set = SourceSet {
            files: vec![SourceFile::new("a.yaml", &b"a"[..])],
            ..SourceSet::default()
        };
        for answer in [
            Answer::Head(head(), Some(set)),
            Answer::Head(head(), None),
            Answer::Refused("there is no branch `main`".to_owned()),
        ] {
            let mut bytes = Vec::new();
            write(&answer, &mut bytes).unwrap();
            assert_eq!(read(&bytes), Some(answer));
        }
    }

    #[test]
    fn noise_is_no_answer() {
        for noise in [
            &b""[..],
            b"\0\0\0",
            b"\xff\xff\xff\xff{}",
            b"\0\0\0\x02{}",
            b"hello, world",
        ] {
            assert_eq!(read(noise), None);
        }
    }
}
