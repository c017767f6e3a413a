use mesh_ir::{CommitId, Epoch, Member, MemberKind};
use mesh_xds::proto::mesh as proto;
use mesh_xds::{
    InvalidMember, RoleBundle, decode_bundle, decode_endpoints, decode_member, digest,
    encode_bundle, encode_endpoints, encode_member, snapshot_digest,
};
use proptest::prelude::*;
use prost::Message;

use crate::arbitrary;
use crate::sample::{endpoints, mesh, role_bundle};

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_member_is_read_back_as_it_was(member in arbitrary::member()) {
        let encoded = encode_member(&member);
        let decoded = decode_member(encoded.kind, &encoded.bytes).unwrap();
        prop_assert_eq!(&decoded, &member);
        prop_assert_eq!(encode_member(&decoded).version, encoded.version);
    }

    #[test]
    fn an_unknown_field_changes_the_digest(member in arbitrary::member()) {
        let encoded = encode_member(&member);
        let mut bytes = encoded.bytes.to_vec();
        bytes.extend_from_slice(&[0xf8, 0x3f, 0x01]); // field 1023, varint 1
        let again = encode_member(&decode_member(encoded.kind, &bytes).unwrap());
        prop_assert_ne!(mesh_xds::hash(&bytes), again.version);
    }

    #[test]
    fn bytes_from_the_network_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for kind in MemberKind::ALL {
            let _ = decode_member(kind, &bytes);
        }
        let _ = decode_bundle(&bytes);
        let _ = decode_endpoints(&bytes);
    }

    #[test]
    fn a_flipped_bit_is_refused_changes_nothing_or_changes_the_digest(
        member in arbitrary::member(), at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let encoded = encode_member(&member);
        if encoded.bytes.is_empty() {
            return Ok(());
        }
        let mut bytes = encoded.bytes.to_vec();
        bytes[at.index(encoded.bytes.len())] ^= 1 << bit;
        if let Ok(other) = decode_member(encoded.kind, &bytes) {
            prop_assert!(other == member || encode_member(&other).version != encoded.version);
        }
    }
}

#[test]
fn facts_and_bundles_are_read_back() {
    let bundle = role_bundle(&mesh(20), 7).bundle;
    assert_eq!(decode_bundle(&encode_bundle(&bundle)), Ok(bundle));
    let facts = endpoints("reviews", 7001);
    assert_eq!(decode_endpoints(&encode_endpoints(&facts)), Ok(facts));
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_members() {
    let mesh = mesh(20);
    let role = RoleBundle::of(&mesh, &mesh.roles[0], Epoch(1), CommitId("c".into()));
    assert_eq!(role.bundle.digest, digest(role.members.iter().rev()));
    let snapshot = mesh.snapshot(&mesh.roles[0]);
    assert_eq!(role.bundle.digest, snapshot_digest(&snapshot));
    assert_ne!(role.bundle.digest, digest(role.members.iter().skip(1)));
}

/// A `Settings` message with one thing wrong.
fn settings(change: impl FnOnce(&mut proto::Settings)) -> Result<Member, InvalidMember> {
    let encoded = encode_member(&Member::Settings(mesh(20).settings));
    let mut message = proto::Settings::decode(&*encoded.bytes).unwrap();
    change(&mut message);
    decode_member(MemberKind::Settings, &message.encode_to_vec())
}

#[test]
fn what_is_not_understood_is_refused() {
    assert_eq!(
        settings(|it| it.origin = None),
        Err(InvalidMember::Missing("Settings.origin"))
    );
    assert_eq!(
        settings(|it| it.access.as_mut().unwrap().mode = 3),
        Err(InvalidMember::Unknown {
            field: "AccessDefault.mode",
            value: 3
        })
    );
    assert_eq!(
        settings(|it| it.access.as_mut().unwrap().mode = 0),
        Err(InvalidMember::Unknown {
            field: "AccessDefault.mode",
            value: 0
        })
    );
    assert!(matches!(
        settings(|it| it.trust_domain = "Shop".into()),
        Err(InvalidMember::Text {
            field: "Settings.trust_domain",
            ..
        })
    ));
    assert!(matches!(
        settings(|it| it.certificate_lifetime.as_mut().unwrap().nanos = 1_000_000_000),
        Err(InvalidMember::OutOfRange { .. })
    ));
}

#[test]
fn a_choice_that_is_not_known_is_missing() {
    let member = encode_member(&Member::Access(crate::sample::access("reviews", 20)));
    let mut message = proto::Access::decode(&*member.bytes).unwrap();
    message.allow[0].from[0].who = None;
    assert_eq!(
        decode_member(MemberKind::Access, &message.encode_to_vec()),
        Err(InvalidMember::Missing("CallerMatch.who"))
    );
}
