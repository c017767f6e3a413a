//! A server and a client, message by message.

use std::sync::Arc;

use mesh_xds::proto::discovery::DeltaDiscoveryResponse;
use mesh_xds::session::Desired;
use mesh_xds::session::client::{Change, ClientSession, Holdings};
use mesh_xds::session::server::{Event, ServerSession};
use mesh_xds::{BUNDLE_TYPE, ENDPOINTS_TYPE, snapshot_digest};

use crate::sample::{desired, endpoints, mesh, role_bundle, service_ref};

/// Two ends of one stream, and what went over it.
struct Pair {
    server: ServerSession,
    client: ClientSession,
    wire: Vec<DeltaDiscoveryResponse>,
    events: Vec<Event>,
    /// Whether the proxy can honour bundles.
    honours: bool,
}

impl Pair {
    fn connect(desired: Desired, holdings: Holdings) -> Self {
        let mut pair = Self {
            server: ServerSession::new(desired),
            client: ClientSession::new("shop/reviews", holdings),
            wire: vec![],
            events: vec![],
            honours: true,
        };
        for request in pair.client.connect() {
            pair.server.handle_request(request).unwrap();
            pair.run();
        }
        pair
    }

    /// Lets both talk until nobody has anything to say.
    fn run(&mut self) {
        while let Some(response) = self.server.poll_response() {
            self.wire.push(response.clone());
            assert!(self.wire.len() < 100, "they never stop talking");
            let reaction = self.client.handle_response(&response);
            let answer = match reaction.change {
                Change::Bundle(offer) if self.honours => self.client.accept(*offer),
                Change::Bundle(offer) => self.client.refuse(*offer, &["no".to_owned()]),
                _ => reaction.answer,
            };
            let event = self.server.handle_request(answer.unwrap()).unwrap();
            self.events.extend(event);
        }
    }

    fn give(&mut self, desired: Desired) -> Vec<(String, usize, usize)> {
        self.wire.clear();
        self.server.set_desired(desired);
        self.run();
        self.told()
    }

    /// Type, resources and removals of each response.
    fn told(&self) -> Vec<(String, usize, usize)> {
        let short = |url: &str| url.rsplit('.').next().unwrap_or_default().to_owned();
        self.wire
            .iter()
            .map(|it| {
                (
                    short(&it.type_url),
                    it.resources.len(),
                    it.removed_resources.len(),
                )
            })
            .collect()
    }
}

fn line(kind: &str, resources: usize, removed: usize) -> (String, usize, usize) {
    (kind.to_owned(), resources, removed)
}

#[test]
fn a_new_client_gets_facts_then_members_then_the_bundle() {
    let mesh = mesh(20);
    let pair = Pair::connect(desired(&mesh, 1), Holdings::default());
    assert_eq!(
        pair.told(),
        [
            line("TrustRoots", 1, 0),
            line("Listeners", 1, 0),
            line("Endpoints", 2, 0),
            line("Settings", 1, 0),
            line("Role", 1, 0),
            line("Service", 3, 0),
            line("Access", 1, 0),
            line("Bundle", 1, 0),
        ]
    );
    let active = pair.client.holdings().active.as_ref().unwrap();
    assert_eq!(snapshot_digest(&active.snapshot), active.bundle.digest);
    assert_eq!(
        pair.server.acknowledged_bundle(),
        desired(&mesh, 1).bundle_version()
    );
}

#[test]
fn one_changed_rule_is_one_member_and_one_bundle() {
    let mut pair = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    assert_eq!(
        pair.give(desired(&mesh(21), 2)),
        [line("Access", 1, 0), line("Bundle", 1, 0)]
    );
}

#[test]
fn an_unchanged_plan_sends_nothing() {
    let mut pair = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    assert_eq!(pair.give(desired(&mesh(20), 1)), []);
}

#[test]
fn changed_endpoints_need_no_bundle() {
    let mut pair = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    let moved = [endpoints("details", 7001), endpoints("ratings", 7002)];
    assert_eq!(
        pair.give(desired(&mesh(20), 1).with_endpoints(&moved)),
        [line("Endpoints", 1, 0)]
    );
}

#[test]
fn a_service_that_leaves_the_view_goes_before_the_bundle_and_its_endpoints_after() {
    let mut pair = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    let mut narrower = mesh(20);
    narrower.services.remove(&service_ref("ratings"));
    Arc::make_mut(&mut narrower.roles)[0].calls = [service_ref("details")].into();
    assert_eq!(
        pair.give(desired(&narrower, 2)),
        [
            line("Role", 1, 0),
            line("Service", 0, 1),
            line("Bundle", 1, 0),
            line("Endpoints", 0, 1),
        ]
    );
    assert_eq!(pair.client.holdings().endpoints.len(), 1);
}

#[test]
fn endpoints_stay_with_a_client_that_refused_the_bundle_without_them() {
    let mut pair = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    let mut narrower = mesh(20);
    narrower.services.remove(&service_ref("ratings"));
    Arc::make_mut(&mut narrower.roles)[0].calls = [service_ref("details")].into();
    pair.honours = false;
    let told = pair.give(desired(&narrower, 2));
    assert!(
        told.iter().all(|(kind, ..)| kind != "Endpoints"),
        "{told:?}"
    );
    assert_eq!(pair.client.holdings().endpoints.len(), 2);
}

#[test]
fn a_refused_bundle_is_not_repeated_until_the_plan_changes_or_somebody_asks() {
    let mut pair = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    pair.honours = false;
    pair.give(desired(&mesh(21), 2));
    let refusal = pair.events.last().unwrap();
    assert!(matches!(refusal, Event::Refused { reason, .. } if reason == "no"));
    assert_eq!(pair.give(desired(&mesh(21), 2)), []);

    pair.honours = true;
    pair.wire.clear();
    pair.server.resend_bundle();
    pair.run();
    assert_eq!(
        pair.told(),
        [
            line("Settings", 1, 0),
            line("Role", 1, 0),
            line("Service", 3, 0),
            line("Access", 1, 0),
            line("Bundle", 1, 0),
        ]
    );
    let active = pair.client.holdings().active.as_ref().unwrap();
    assert_eq!(active.bundle, role_bundle(&mesh(21), 2).bundle);
}

#[test]
fn after_a_reconnect_nothing_is_sent_that_the_client_holds() {
    let before = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    let holdings = before.client.holdings().clone();
    assert_eq!(
        Pair::connect(desired(&mesh(20), 1), holdings.clone()).told(),
        []
    );
    let after = Pair::connect(desired(&mesh(21), 2), holdings);
    assert_eq!(after.told(), [line("Access", 1, 0), line("Bundle", 1, 0)]);
}

#[test]
fn a_view_that_shrank_while_away_loses_endpoints_after_the_bundle() {
    let before = Pair::connect(desired(&mesh(20), 1), Holdings::default());
    let mut narrower = mesh(20);
    narrower.services.remove(&service_ref("ratings"));
    Arc::make_mut(&mut narrower.roles)[0].calls = [service_ref("details")].into();
    let after = Pair::connect(desired(&narrower, 2), before.client.holdings().clone());
    let at = |url: &str| after.wire.iter().position(|it| it.type_url == url);
    assert!(at(BUNDLE_TYPE) < at(ENDPOINTS_TYPE));
}
