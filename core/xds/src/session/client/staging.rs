use std::collections::BTreeMap;

use mesh_ir::{Digest, Member, MemberKind, Snapshot};

use super::{ActiveBundle, content, named};
use crate::invalid::InvalidMember;
use crate::proto::discovery::Resource as Envelope;
use crate::{EncodedMember, ResourceType, decode_member, digest, encode_member, parse_digest};

/// The members that a coming bundle will be made of.
#[derive(Debug, Default)]
pub(super) struct Staging {
    members: BTreeMap<(MemberKind, String), Staged>,
    /// What was refused since, and why.
    rejected: BTreeMap<(MemberKind, String), String>,
}

#[derive(Debug)]
struct Staged {
    member: Member,
    /// Encoded again from what was understood.
    encoded: EncodedMember,
    /// What the operator calls this version; `None` for text that is no digest.
    announced: Option<Digest>,
}

impl Staging {
    /// The members of the active bundle.
    pub(super) fn of(active: Option<&ActiveBundle>) -> Self {
        let members = active
            .into_iter()
            .flat_map(|active| active.snapshot.clone().into_members())
            .map(|member| {
                let encoded = encode_member(&member);
                let announced = Some(encoded.version);
                let key = (member.kind(), encoded.name.to_string());
                (
                    key,
                    Staged {
                        member,
                        encoded,
                        announced,
                    },
                )
            })
            .collect();
        Self {
            members,
            rejected: BTreeMap::new(),
        }
    }

    /// Takes a member as it came. One that cannot be read leaves its predecessor.
    pub(super) fn stage(
        &mut self,
        kind: MemberKind,
        envelope: &Envelope,
    ) -> Result<(), InvalidMember> {
        let key = (kind, envelope.name.clone());
        let decoded = content(ResourceType::Member(kind), envelope, |bytes| {
            decode_member(kind, bytes)
        })
        .and_then(|member| named(&envelope.name, &member.name().0).map(|()| member));
        match decoded {
            Ok(member) => {
                let staged = Staged {
                    encoded: encode_member(&member),
                    announced: parse_digest(&envelope.version),
                    member,
                };
                self.rejected.remove(&key);
                self.members.insert(key, staged);
                Ok(())
            }
            Err(error) => {
                self.rejected.insert(key, error.to_string());
                Err(error)
            }
        }
    }

    /// Forgets members.
    pub(super) fn remove(&mut self, kind: MemberKind, names: &[String]) {
        for name in names {
            let key = (kind, name.clone());
            self.members.remove(&key);
            self.rejected.remove(&key);
        }
    }

    /// The versions of what was understood.
    pub(super) fn versions(&self, kind: MemberKind) -> impl Iterator<Item = (String, Digest)> {
        self.members
            .iter()
            .filter(move |((of, _), _)| *of == kind)
            .map(|((_, name), staged)| (name.clone(), staged.encoded.version))
    }

    /// The view that the members make, if its digest is this one; else every reason
    /// why not.
    pub(super) fn snapshot(&self, expected: Digest) -> Result<Snapshot, Vec<String>> {
        let actual = digest(self.members.values().map(|it| &it.encoded));
        if actual != expected {
            return Err(self.reasons(expected, actual));
        }
        Snapshot::from_members(self.members.values().map(|it| it.member.clone()))
            .map_err(|error| vec![error.to_string()])
    }

    fn reasons(&self, expected: Digest, actual: Digest) -> Vec<String> {
        let rejected = self
            .rejected
            .iter()
            .map(|((kind, name), reason)| format!("{kind:?} {name}: {reason}"));
        let altered = self
            .members
            .iter()
            .filter(|(_, it)| it.announced != Some(it.encoded.version))
            .map(|((kind, name), _)| {
                format!("{kind:?} {name}: holds something that this proxy does not understand")
            });
        let digests = format!("the members make the digest {actual}, the bundle says {expected}");
        std::iter::once(digests)
            .chain(rejected)
            .chain(altered)
            .collect()
    }
}
