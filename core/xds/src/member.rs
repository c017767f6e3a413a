use std::sync::Arc;

use bytes::Bytes;
use mesh_ir::{Digest, Member, MemberKind};

use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;
use crate::wire::{read, write};
use crate::{ResourceType, hash};

/// A member as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedMember {
    /// Its kind.
    pub kind: MemberKind,
    /// Its name within its kind.
    pub name: Arc<str>,
    /// The SHA-256 of `bytes`.
    pub version: Digest,
    /// The canonical encoding.
    pub bytes: Bytes,
}

impl EncodedMember {
    /// The type of resource that it is.
    pub fn resource_type(&self) -> ResourceType {
        ResourceType::Member(self.kind)
    }
}

/// The one encoding of a member: equal members have equal bytes.
pub fn encode_member(member: &Member) -> EncodedMember {
    let bytes = match member {
        Member::Settings(it) => write::<proto::Settings>(it),
        Member::Role(it) => write::<proto::Role>(it),
        Member::Service(it) => write::<proto::Service>(it),
        Member::Route(it) => write::<proto::Route>(it),
        Member::Access(it) => write::<proto::Access>(it),
        Member::RateLimit(it) => write::<proto::RateLimit>(it),
        Member::TokenIssuer(it) => write::<proto::TokenIssuer>(it),
        Member::Gateway(it) => write::<proto::Gateway>(it),
        Member::ExternalService(it) => write::<proto::ExternalService>(it),
        Member::Telemetry(it) => write::<proto::Telemetry>(it),
    };
    EncodedMember {
        kind: member.kind(),
        name: member.name().0.into(),
        version: hash(&bytes),
        bytes,
    }
}

/// Reads a member of a kind. Unknown fields do not survive, so that encoding the
/// result again gives another version.
pub fn decode_member(kind: MemberKind, bytes: &[u8]) -> Result<Member, InvalidMember> {
    Ok(match kind {
        MemberKind::Settings => Member::Settings(read::<proto::Settings>(bytes)?),
        MemberKind::Role => Member::Role(read::<proto::Role>(bytes)?),
        MemberKind::Service => Member::Service(read::<proto::Service>(bytes)?),
        MemberKind::Route => Member::Route(read::<proto::Route>(bytes)?),
        MemberKind::Access => Member::Access(read::<proto::Access>(bytes)?),
        MemberKind::RateLimit => Member::RateLimit(read::<proto::RateLimit>(bytes)?),
        MemberKind::TokenIssuer => Member::TokenIssuer(read::<proto::TokenIssuer>(bytes)?),
        MemberKind::Gateway => Member::Gateway(read::<proto::Gateway>(bytes)?),
        MemberKind::ExternalService => {
            Member::ExternalService(read::<proto::ExternalService>(bytes)?)
        }
        MemberKind::Telemetry => Member::Telemetry(read::<proto::Telemetry>(bytes)?),
    })
}
