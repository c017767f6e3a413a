//! A [`SourceSet`] as bytes: what the child process answers with, and what lies
//! under `sources/` by its hash.

mod codec;
mod disk;

use mesh_ir::Digest;
use mesh_source::SourceSet;
use sha2::{Digest as _, Sha256};

pub(crate) use codec::{InvalidSources, decode, encode};
pub(crate) use disk::SourcesDir;

/// The hash of the files: paths and contents in the order of paths, nothing else.
pub(crate) fn hash(set: &SourceSet) -> Digest {
    let mut files: Vec<_> = set.files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut hasher = Sha256::new();
    for file in files {
        for part in [file.path.as_bytes(), &file.content] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
    }
    Digest(hasher.finalize().into())
}
