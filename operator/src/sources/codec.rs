use mesh_source::{ProblemKind, SourceFile, SourceProblem, SourceSet};
use serde::{Deserialize, Serialize};

/// Why bytes are not a set of sources.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSources {
    /// They end before what they announce, or go on after it.
    #[error("the sources have {actual} bytes and announce {announced}")]
    Length {
        /// What is there.
        actual: u64,
        /// What the header says.
        announced: u64,
    },
    /// The header is not what [`encode`] writes.
    #[error("the header of the sources cannot be read")]
    Header(#[source] serde_json::Error),
}

#[derive(Serialize, Deserialize)]
struct Header {
    files: Vec<(String, u64)>,
    ignored: Vec<String>,
    problems: Vec<(String, Problem)>,
}

/// [`ProblemKind`] on the wire.
#[derive(Serialize, Deserialize)]
enum Problem {
    Symlink,
    Submodule,
    NotUtf8Name,
    TooLarge { bytes: u64, limit: u64 },
    TooManyFiles { limit: u64 },
    TotalTooLarge { limit: u64 },
    TooDeep,
    Unreadable(String),
    Damaged { object: String, reason: String },
    NotAFile,
}

/// Length of the header (four bytes, big endian), header (JSON), contents one after the other.
pub(crate) fn encode(set: &SourceSet) -> Vec<u8> {
    let header = Header {
        files: set
            .files
            .iter()
            .map(|file| (file.path.to_string(), file.content.len() as u64))
            .collect(),
        ignored: set.ignored.clone(),
        problems: set
            .problems
            .iter()
            .map(|problem| (problem.path.clone(), Problem::from(&problem.kind)))
            .collect(),
    };
    let header = serde_json::to_vec(&header).expect("texts and numbers are JSON");
    let length = u32::try_from(header.len()).expect("paths are bounded by the reader's limits");
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(header);
    for file in &set.files {
        bytes.extend_from_slice(&file.content);
    }
    bytes
}

/// The inverse of [`encode`], for bytes from anywhere.
pub(crate) fn decode(bytes: &[u8]) -> Result<SourceSet, InvalidSources> {
    let actual = bytes.len() as u64;
    let short = |announced| InvalidSources::Length { actual, announced };
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(|| short(4))?;
    let length = u32::from_be_bytes(*length) as usize;
    let (header, mut rest) = rest
        .split_at_checked(length)
        .ok_or_else(|| short(4 + length as u64))?;
    let header: Header = serde_json::from_slice(header).map_err(InvalidSources::Header)?;
    let announced = header
        .files
        .iter()
        .fold(4 + length as u64, |sum, (_, size)| {
            sum.saturating_add(*size)
        });
    if announced != actual {
        return Err(short(announced));
    }
    let mut files = Vec::with_capacity(header.files.len());
    for (path, size) in header.files {
        let size = usize::try_from(size).map_err(|_| short(announced))?;
        let (content, after) = rest
            .split_at_checked(size)
            .ok_or_else(|| short(announced))?;
        files.push(SourceFile::new(path, content));
        rest = after;
    }
    let problem = |(path, problem): (String, Problem)| SourceProblem {
        path,
        kind: problem.into(),
    };
    Ok(SourceSet {
        files,
        ignored: header.ignored,
        problems: header.problems.into_iter().map(problem).collect(),
    })
}

impl From<&ProblemKind> for Problem {
    fn from(kind: &ProblemKind) -> Self {
        match kind {
            ProblemKind::Symlink => Self::Symlink,
            ProblemKind::Submodule => Self::Submodule,
            ProblemKind::NotUtf8Name => Self::NotUtf8Name,
            &ProblemKind::TooLarge { bytes, limit } => Self::TooLarge { bytes, limit },
            &ProblemKind::TooManyFiles { limit } => Self::TooManyFiles { limit },
            &ProblemKind::TotalTooLarge { limit } => Self::TotalTooLarge { limit },
            ProblemKind::TooDeep => Self::TooDeep,
            ProblemKind::Unreadable(reason) => Self::Unreadable(reason.clone()),
            ProblemKind::Damaged { object, reason } => Self::Damaged {
                object: object.clone(),
                reason: reason.clone(),
            },
            ProblemKind::NotAFile => Self::NotAFile,
        }
    }
}

impl From<Problem> for ProblemKind {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Symlink => Self::Symlink,
            Problem::Submodule => Self::Submodule,
            Problem::NotUtf8Name => Self::NotUtf8Name,
            Problem::TooLarge { bytes, limit } => Self::TooLarge { bytes, limit },
            Problem::TooManyFiles { limit } => Self::TooManyFiles { limit },
            Problem::TotalTooLarge { limit } => Self::TotalTooLarge { limit },
            Problem::TooDeep => Self::TooDeep,
            Problem::Unreadable(reason) => Self::Unreadable(reason),
            Problem::Damaged { object, reason } => Self::Damaged { object, reason },
            Problem::NotAFile => Self::NotAFile,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> SourceSet {
        SourceSet {
            files: vec![
                SourceFile::new("a.yaml", &b"a: b\n"[..]),
                SourceFile::new("b/c.yaml", &b"\xff\x00"[..]),
            ],
            ignored: vec!["a.yaml~".to_owned()],
            problems: vec![SourceProblem {
                path: "big.yaml".to_owned(),
                kind: ProblemKind::TooLarge { bytes: 2, limit: 1 },
            }],
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(decode(&encode(&set())).unwrap(), set());
    }

    #[test]
    fn bytes_cut_anywhere_are_refused() {
        let bytes = encode(&set());
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(decode(&longer).is_err());
    }

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_files() {
        let mut turned = set();
        turned.files.reverse();
        assert_eq!(super::super::hash(&set()), super::super::hash(&turned));
    }
}
