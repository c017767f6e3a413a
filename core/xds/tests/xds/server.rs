//! The operator's end against a client written by hand: the delta rules of xDS.

use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::MemberKind;
use mesh_xds::ResourceType;
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse, Node, Status};
use mesh_xds::session::server::{Event, ServerSession, Violation};
use mesh_xds::session::{Desired, Resource, ResourceSet};

const ENDPOINTS: ResourceType = ResourceType::Endpoints;

/// Endpoints resources `(name, content)`; their content is opaque to the session.
fn having(resources: &[(&str, &'static str)]) -> Desired {
    let set: ResourceSet = resources
        .iter()
        .map(|(name, content)| (Arc::from(*name), Resource::new(content.as_bytes().into())))
        .collect();
    Desired::default().with(ENDPOINTS, Arc::new(set))
}

fn version(content: &'static str) -> String {
    Resource::new(content.as_bytes().into()).version.to_string()
}

fn request(kind: ResourceType, subscribe: &[&str]) -> DeltaDiscoveryRequest {
    DeltaDiscoveryRequest {
        node: Some(Node {
            id: "shop/reviews".into(),
            cluster: String::new(),
        }),
        type_url: kind.type_url().into(),
        resource_names_subscribe: subscribe.iter().map(ToString::to_string).collect(),
        ..DeltaDiscoveryRequest::default()
    }
}

fn unsubscribe(names: &[&str]) -> DeltaDiscoveryRequest {
    DeltaDiscoveryRequest {
        resource_names_unsubscribe: names.iter().map(ToString::to_string).collect(),
        ..request(ENDPOINTS, &[])
    }
}

fn ack(response: &DeltaDiscoveryResponse) -> DeltaDiscoveryRequest {
    DeltaDiscoveryRequest {
        type_url: response.type_url.clone(),
        response_nonce: response.nonce.clone(),
        ..DeltaDiscoveryRequest::default()
    }
}

fn nack(response: &DeltaDiscoveryResponse) -> DeltaDiscoveryRequest {
    DeltaDiscoveryRequest {
        error_detail: Some(Status {
            code: 3,
            message: "no".into(),
        }),
        ..ack(response)
    }
}

fn names(response: &DeltaDiscoveryResponse) -> (Vec<&str>, Vec<&str>) {
    (
        response.resources.iter().map(|it| &*it.name).collect(),
        response.removed_resources.iter().map(|it| &**it).collect(),
    )
}

/// A stream on which `A` and `B` were given and acknowledged, under `subscribe`.
fn settled(subscribe: &[&str]) -> ServerSession {
    let mut session = ServerSession::new(having(&[("A", "a1"), ("B", "b1")]));
    session
        .handle_request(request(ENDPOINTS, subscribe))
        .unwrap();
    let response = session.poll_response().unwrap();
    session.handle_request(ack(&response)).unwrap();
    assert_eq!(session.poll_response(), None);
    session
}

#[test]
fn the_first_request_names_its_node_and_later_ones_need_not() {
    let mut session = ServerSession::new(having(&[]));
    let anonymous = DeltaDiscoveryRequest {
        node: None,
        ..request(ENDPOINTS, &["*"])
    };
    assert_eq!(
        session.handle_request(anonymous.clone()),
        Err(Violation::NoNode)
    );
    session.handle_request(request(ENDPOINTS, &["*"])).unwrap();
    assert!(session.handle_request(anonymous).is_ok());
    assert_eq!(session.node(), Some("shop/reviews"));
}

#[test]
fn after_an_acknowledgement_nothing_more_is_sent() {
    let mut session = settled(&["*"]);
    session.set_desired(having(&[("A", "a1"), ("B", "b1")]));
    assert_eq!(session.poll_response(), None);
}

#[test]
fn only_what_changed_is_sent_and_what_vanished_is_removed_once() {
    let mut session = settled(&["*"]);
    session.set_desired(having(&[("A", "a2")]));
    let response = session.poll_response().unwrap();
    assert_eq!(names(&response), (vec!["A"], vec!["B"]));
    session.handle_request(ack(&response)).unwrap();
    assert_eq!(session.poll_response(), None);
}

#[test]
fn a_refused_version_is_not_sent_again_until_it_changes() {
    let mut session = settled(&["*"]);
    session.set_desired(having(&[("A", "a2"), ("B", "b1")]));
    let response = session.poll_response().unwrap();
    let event = session.handle_request(nack(&response)).unwrap();
    assert_eq!(
        event,
        Some(Event::Refused {
            resource_type: ENDPOINTS,
            resources: vec!["A".into()],
            reason: "no".into()
        })
    );
    assert_eq!(session.poll_response(), None);
    session.set_desired(having(&[("A", "a3"), ("B", "b1")]));
    assert_eq!(names(&session.poll_response().unwrap()).0, ["A"]);
}

#[test]
fn only_error_detail_is_a_refusal_and_only_with_the_nonce_that_waits() {
    let mut session = settled(&["*"]);
    session.set_desired(having(&[("A", "a2"), ("B", "b1")]));
    let response = session.poll_response().unwrap();
    let stale = DeltaDiscoveryRequest {
        response_nonce: "0".into(),
        ..nack(&response)
    };
    assert_eq!(session.handle_request(stale), Ok(None));
    assert!(matches!(
        session.handle_request(ack(&response)),
        Ok(Some(Event::Acknowledged { .. }))
    ));
    assert_eq!(
        session.handle_request(ack(&response)),
        Ok(None),
        "an answer counts once"
    );
}

#[test]
fn a_subscription_is_honoured_under_a_stale_nonce() {
    let mut session = settled(&["A"]);
    let stale = DeltaDiscoveryRequest {
        response_nonce: "999".into(),
        ..request(ENDPOINTS, &["B"])
    };
    session.handle_request(stale).unwrap();
    assert_eq!(names(&session.poll_response().unwrap()).0, ["B"]);
}

#[test]
fn a_subscription_is_honoured_inside_an_answer() {
    let mut session = settled(&["A"]);
    session.set_desired(having(&[("A", "a2"), ("B", "b1")]));
    let response = session.poll_response().unwrap();
    let both = DeltaDiscoveryRequest {
        resource_names_subscribe: vec!["B".into()],
        ..nack(&response)
    };
    session.handle_request(both).unwrap();
    assert_eq!(names(&session.poll_response().unwrap()).0, ["B"]);
}

#[test]
fn a_name_asked_for_again_is_sent_again() {
    let mut session = settled(&["*"]);
    session.handle_request(request(ENDPOINTS, &["A"])).unwrap();
    assert_eq!(names(&session.poll_response().unwrap()).0, ["A"]);
}

#[test]
fn unsubscribing_needs_no_answer_unless_a_wildcard_covers_the_name() {
    let mut session = settled(&["A", "B"]);
    session
        .handle_request(unsubscribe(&["A", "phantom"]))
        .unwrap();
    assert_eq!(session.poll_response(), None);
    session.set_desired(having(&[("A", "a2"), ("B", "b1")]));
    assert_eq!(session.poll_response(), None, "nobody asks for A");

    let mut session = settled(&["*", "A", "gone"]);
    session.handle_request(unsubscribe(&["A", "gone"])).unwrap();
    assert_eq!(
        names(&session.poll_response().unwrap()),
        (vec!["A"], vec!["gone"])
    );
}

#[test]
fn unsubscribing_from_the_wildcard_keeps_what_was_named() {
    let mut session = settled(&["*", "A"]);
    session.handle_request(unsubscribe(&["*"])).unwrap();
    assert_eq!(session.poll_response(), None);
    session.set_desired(having(&[("A", "a2"), ("B", "b2")]));
    assert_eq!(names(&session.poll_response().unwrap()).0, ["A"]);
}

#[test]
fn an_empty_first_request_is_a_wildcard_and_naming_more_keeps_it() {
    let mut session = settled(&[]);
    session.handle_request(request(ENDPOINTS, &["A"])).unwrap();
    let response = session.poll_response().unwrap();
    assert_eq!(names(&response).0, ["A"]);
    session.handle_request(ack(&response)).unwrap();
    session.set_desired(having(&[("A", "a1"), ("B", "b2")]));
    assert_eq!(names(&session.poll_response().unwrap()).0, ["B"]);
}

#[test]
fn a_missing_name_is_answered_at_once_and_pushed_when_it_appears() {
    let mut session = ServerSession::new(having(&[]));
    session.handle_request(request(ENDPOINTS, &["A"])).unwrap();
    let response = session.poll_response().unwrap();
    assert_eq!(names(&response), (vec![], vec!["A"]));
    session.handle_request(ack(&response)).unwrap();
    session.set_desired(having(&[("A", "a1")]));
    assert_eq!(names(&session.poll_response().unwrap()).0, ["A"]);
}

#[test]
fn on_a_new_stream_only_the_difference_to_what_the_client_holds_is_sent() {
    let desired = having(&[("changed", "c2"), ("new", "n1"), ("same", "s1")]);
    let mut session = ServerSession::new(desired);
    let held = [("changed", "c1"), ("same", "s1"), ("vanished", "v1")];
    let first = DeltaDiscoveryRequest {
        initial_resource_versions: held
            .iter()
            .map(|(name, content)| ((*name).to_owned(), version(content)))
            .collect::<BTreeMap<_, _>>(),
        ..request(ENDPOINTS, &["*"])
    };
    session.handle_request(first.clone()).unwrap();
    let response = session.poll_response().unwrap();
    assert_eq!(names(&response), (vec!["changed", "new"], vec!["vanished"]));
    session.handle_request(ack(&response)).unwrap();
    session
        .handle_request(DeltaDiscoveryRequest {
            resource_names_subscribe: vec![],
            ..first
        })
        .unwrap();
    assert_eq!(
        session.poll_response(),
        None,
        "what a later request says it holds is not heard"
    );
}

#[test]
fn an_unknown_type_ends_nothing() {
    let mut session = settled(&["*"]);
    let unknown = DeltaDiscoveryRequest {
        type_url: "type.googleapis.com/envoy.config.cluster.v3.Cluster".into(),
        ..request(ENDPOINTS, &["*"])
    };
    assert!(matches!(
        session.handle_request(unknown),
        Ok(Some(Event::UnknownType(_)))
    ));
    assert_eq!(session.poll_response(), None);
}

#[test]
fn a_refusal_of_one_type_does_not_block_another() {
    let listeners = ResourceType::Listeners;
    let set = ResourceSet::from([("shop/reviews".into(), Resource::new("l".into()))]);
    let mut session = ServerSession::new(having(&[("A", "a1")]).with(listeners, Arc::new(set)));
    session.handle_request(request(ENDPOINTS, &["*"])).unwrap();
    let response = session.poll_response().unwrap();
    session.handle_request(nack(&response)).unwrap();
    session.handle_request(request(listeners, &["*"])).unwrap();
    assert_eq!(
        session.poll_response().unwrap().type_url,
        listeners.type_url()
    );
}

#[test]
fn large_responses_are_cut_below_what_grpc_reads() {
    let content: &'static str = Box::leak("x".repeat(1 << 20).into_boxed_str());
    let resources: Vec<_> = ["A", "B", "C", "D", "E"].map(|name| (name, content)).into();
    let mut session = ServerSession::new(having(&resources));
    session.handle_request(request(ENDPOINTS, &["*"])).unwrap();
    let mut seen = 0;
    while let Some(response) = session.poll_response() {
        assert!(prost::Message::encoded_len(&response) < 4 << 20);
        seen += response.resources.len();
        session.handle_request(ack(&response)).unwrap();
    }
    assert_eq!(seen, 5);
}

#[test]
fn the_bundle_waits_until_every_member_kind_was_asked_for() {
    let mesh = crate::sample::mesh(20);
    let mut session = ServerSession::new(crate::sample::desired(&mesh, 1));
    let bundle = ResourceType::Bundle;
    session.handle_request(request(bundle, &["*"])).unwrap();
    assert_eq!(session.poll_response(), None);
    for kind in MemberKind::ALL {
        session
            .handle_request(request(ResourceType::Member(kind), &["*"]))
            .unwrap();
    }
    let mut order = vec![];
    while let Some(response) = session.poll_response() {
        order.push(response.type_url);
    }
    assert_eq!(order.last().map(String::as_str), Some(bundle.type_url()));
    assert_eq!(order.len(), 5, "settings, role, services, access, bundle");
}

#[test]
fn a_client_cannot_ask_for_names_without_bound() {
    let mut session = ServerSession::new(having(&[]));
    let many: Vec<_> = (0..=100_000).map(|it| it.to_string()).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(
        session.handle_request(request(ENDPOINTS, &many)),
        Err(Violation::TooManyNames)
    );
}
