//! The proxy's end against responses written by hand.

use bytes::Bytes;
use mesh_ir::Member;
use mesh_xds::proto::discovery::{Any, DeltaDiscoveryRequest, DeltaDiscoveryResponse, Resource};
use mesh_xds::session::client::{Change, ClientSession, Holdings, Offer};
use mesh_xds::{
    BUNDLE_NAME, EncodedMember, ResourceType, RoleBundle, encode_bundle, encode_endpoints, hash,
};

use crate::sample::{endpoints, mesh, role_bundle, service_ref};

fn session() -> ClientSession {
    let mut session = ClientSession::new("shop/reviews", Holdings::default());
    session.connect();
    session
}

fn resource(kind: ResourceType, name: &str, bytes: Bytes) -> Resource {
    Resource {
        version: hash(&bytes).to_string(),
        resource: Some(Any {
            type_url: kind.type_url().into(),
            value: bytes,
        }),
        name: name.into(),
    }
}

fn response(kind: ResourceType, resources: Vec<Resource>) -> DeltaDiscoveryResponse {
    DeltaDiscoveryResponse {
        resources,
        type_url: kind.type_url().into(),
        nonce: "n1".into(),
        ..DeltaDiscoveryResponse::default()
    }
}

fn give_members(session: &mut ClientSession, members: &[EncodedMember]) {
    for member in members {
        let envelope = resource(member.resource_type(), &member.name, member.bytes.clone());
        let reaction = session.handle_response(&response(member.resource_type(), vec![envelope]));
        assert_eq!(reaction.refused, [""; 0]);
    }
}

fn bundle_response(role: &RoleBundle) -> DeltaDiscoveryResponse {
    let bytes = encode_bundle(&role.bundle);
    let envelope = resource(ResourceType::Bundle, BUNDLE_NAME, bytes);
    response(ResourceType::Bundle, vec![envelope])
}

fn offer(session: &mut ClientSession, role: &RoleBundle) -> Result<Offer, Vec<String>> {
    give_members(session, &role.members);
    let reaction = session.handle_response(&bundle_response(role));
    match reaction.change {
        Change::Bundle(offer) => {
            assert_eq!(reaction.answer, None, "answered when it is active");
            Ok(*offer)
        }
        _ => Err(reaction.refused),
    }
}

fn reason(request: Option<DeltaDiscoveryRequest>) -> String {
    request.unwrap().error_detail.unwrap().message
}

#[test]
fn a_bundle_whose_members_are_here_is_offered_and_answered_when_active() {
    let mesh = mesh(20);
    let mut session = session();
    let offer = offer(&mut session, &role_bundle(&mesh, 5)).unwrap();
    assert_eq!(offer.snapshot, mesh.snapshot(&mesh.roles[0]));
    assert_eq!(session.holdings().active, None);
    let answer = session.accept(offer).unwrap();
    assert_eq!((&*answer.response_nonce, answer.error_detail), ("n1", None));
    assert_eq!(
        session.holdings().active.as_ref().unwrap().bundle.epoch.0,
        5
    );
}

#[test]
fn a_bundle_with_a_missing_member_is_refused() {
    let mut session = session();
    let role = role_bundle(&mesh(20), 5);
    give_members(&mut session, &role.members[1..]);
    let reaction = session.handle_response(&bundle_response(&role));
    assert!(reason(reaction.answer).contains("the bundle says"));
}

#[test]
fn an_unknown_field_in_a_member_refuses_the_bundle_and_names_the_member() {
    let mut role = role_bundle(&mesh(20), 5);
    let mut members = role.members.to_vec();
    let access = members.last_mut().unwrap();
    let mut bytes = access.bytes.to_vec();
    bytes.extend_from_slice(&[0xf8, 0x3f, 0x01]);
    access.bytes = bytes.into();
    access.version = hash(&access.bytes);
    role.bundle.digest = mesh_xds::digest(&members);
    role.members = members.into();
    let reasons = offer(&mut session(), &role).unwrap_err().join("\n");
    assert!(
        reasons
            .contains("Access shop/reviews: holds something that this proxy does not understand"),
        "{reasons}"
    );
}

#[test]
fn a_lower_epoch_is_refused_and_what_is_active_stays() {
    let mesh = mesh(20);
    let mut session = session();
    let first = offer(&mut session, &role_bundle(&mesh, 5)).unwrap();
    session.accept(first);
    let reasons = offer(&mut session, &role_bundle(&mesh, 4)).unwrap_err();
    assert_eq!(reasons, ["epoch 4 is lower than the active one, 5"]);
    assert!(offer(&mut session, &role_bundle(&mesh, 5)).is_ok());
}

#[test]
fn a_refused_offer_leaves_the_active_one_and_gives_every_reason() {
    let mut session = session();
    let offer = offer(&mut session, &role_bundle(&mesh(20), 5)).unwrap();
    let reasons = ["bad regex".to_owned(), "bad limit".to_owned()];
    assert_eq!(
        reason(session.refuse(offer, &reasons)),
        "bad regex\nbad limit"
    );
    assert_eq!(session.holdings().active, None);
}

#[test]
fn one_bad_resource_is_refused_and_the_good_ones_are_kept() {
    let kind = ResourceType::Endpoints;
    let good = resource(kind, "shop/a", encode_endpoints(&endpoints("a", 1)));
    let bad = resource(kind, "shop/b", Bytes::from_static(b"\xff"));
    let misnamed = resource(kind, "shop/c", encode_endpoints(&endpoints("d", 1)));
    let mut session = session();
    let reaction = session.handle_response(&response(kind, vec![good, bad, misnamed]));
    assert_eq!(reaction.change, Change::Endpoints(vec![service_ref("a")]));
    assert_eq!(reaction.refused.len(), 2);
    assert!(reason(reaction.answer).contains("shop/b: "));
    assert!(!session.holdings().endpoints.contains_key(&service_ref("d")));
}

#[test]
fn a_name_twice_in_a_response_refuses_all_of_it() {
    let kind = ResourceType::Endpoints;
    let one = resource(kind, "shop/a", encode_endpoints(&endpoints("a", 1)));
    let mut session = session();
    let reaction = session.handle_response(&response(kind, vec![one.clone(), one]));
    assert!(reason(reaction.answer).contains("twice"));
    assert!(session.holdings().endpoints.is_empty());
}

#[test]
fn an_answer_that_comes_after_the_stream_is_not_sent_on_the_next_one() {
    let mut session = session();
    let offer = offer(&mut session, &role_bundle(&mesh(20), 5)).unwrap();
    session.connect();
    assert_eq!(session.accept(offer), None);
    assert!(session.holdings().active.is_some());
}

#[test]
fn a_new_stream_says_what_is_held_and_never_what_was_refused() {
    let mut session = session();
    let role = role_bundle(&mesh(20), 5);
    let accepted = offer(&mut session, &role).unwrap();
    session.accept(accepted);
    let kind = ResourceType::Endpoints;
    let bad = resource(kind, "shop/b", Bytes::from_static(b"\xff"));
    session.handle_response(&response(kind, vec![bad]));
    let requests = session.connect();
    assert!(requests[0].node.is_some() && requests[1].node.is_none());
    let held = |kind: ResourceType| {
        let request = requests.iter().find(|it| it.type_url == kind.type_url());
        request.unwrap().initial_resource_versions.clone()
    };
    assert!(held(kind).is_empty());
    assert_eq!(held(ResourceType::Bundle).len(), 1);
    for member in role.members.iter() {
        assert_eq!(
            held(member.resource_type()).get(&*member.name),
            Some(&member.version.to_string())
        );
    }
}

#[test]
fn an_unsolicited_type_is_ignored() {
    let mut session = session();
    let reaction = session.handle_response(&DeltaDiscoveryResponse {
        type_url: "type.googleapis.com/envoy.config.cluster.v3.Cluster".into(),
        ..DeltaDiscoveryResponse::default()
    });
    assert_eq!((reaction.answer, reaction.change), (None, Change::Nothing));
}

#[test]
fn what_was_on_disk_is_where_a_session_begins() {
    let mesh = mesh(20);
    let mut before = session();
    let role = role_bundle(&mesh, 5);
    let offer = offer(&mut before, &role).unwrap();
    before.accept(offer);
    let mut after = ClientSession::new("shop/reviews", before.holdings().clone());
    assert_eq!(
        after
            .connect()
            .iter()
            .map(|it| &it.initial_resource_versions)
            .collect::<Vec<_>>(),
        before
            .connect()
            .iter()
            .map(|it| &it.initial_resource_versions)
            .collect::<Vec<_>>(),
    );
    let Member::Settings(_) = mesh.snapshot(&mesh.roles[0]).into_members().remove(0) else {
        panic!("settings come first")
    };
}
