use std::sync::Arc;

use bytes::Bytes;
use mesh_ir::{Bundle, CommitId, Epoch, Mesh, Role};

use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;
use crate::wire::{read, write};
use crate::{EncodedMember, digest, encode_member};

/// The encoding of a bundle.
pub fn encode_bundle(bundle: &Bundle) -> Bytes {
    write::<proto::Bundle>(bundle)
}

/// Reads a bundle.
pub fn decode_bundle(bytes: &[u8]) -> Result<Bundle, InvalidMember> {
    read::<proto::Bundle>(bytes)
}

/// What every replica of one role is given: its members, encoded once, and the
/// bundle over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBundle {
    /// Whose it is.
    pub role: Role,
    /// Names the members by their digest.
    pub bundle: Bundle,
    /// In the order in which they are sent.
    pub members: Arc<[EncodedMember]>,
}

impl RoleBundle {
    /// What a role is given of a mesh.
    pub fn of(mesh: &Mesh, role: &Role, epoch: Epoch, commit: CommitId) -> Self {
        let members: Arc<[_]> = mesh
            .snapshot(role)
            .into_members()
            .iter()
            .map(encode_member)
            .collect();
        Self {
            role: role.clone(),
            bundle: Bundle {
                epoch,
                commit,
                digest: digest(members.iter()),
            },
            members,
        }
    }
}
