use mesh_ir::{Digest, Snapshot};
use sha2::{Digest as _, Sha256};

use crate::{EncodedMember, encode_member, type_url};

/// The digest of a bundle with these members, in whatever order they come: SHA-256
/// over the sorted (type, name, version), each text after its length.
pub fn digest<'a>(members: impl IntoIterator<Item = &'a EncodedMember>) -> Digest {
    let mut lines: Vec<_> = members
        .into_iter()
        .map(|member| (type_url(member.kind), &*member.name, member.version))
        .collect();
    lines.sort_unstable();
    let mut hasher = Sha256::new();
    for (kind, name, version) in lines {
        for text in [kind, name] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.update(version.0);
    }
    Digest(hasher.finalize().into())
}

/// The digest of what a snapshot says, by encoding it.
pub fn snapshot_digest(snapshot: &Snapshot) -> Digest {
    let members: Vec<_> = snapshot
        .clone()
        .into_members()
        .iter()
        .map(encode_member)
        .collect();
    digest(&members)
}
