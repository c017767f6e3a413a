use mesh_ir::{Access, Scope, Timestamp, Who};

use super::*;
use crate::admit;
use crate::fixture::{access, edge, entry, external, gateway, id};
use crate::request::{Caller, Moment};
use crate::tables::CalleeKind;
use crate::verdict::Admission;

/// Calls `pay` (`api.pay.example`) and `maps` (`*.maps.example`).
fn outside() -> Snapshot {
    let mut snapshot = calling(vec![http("ratings")]);
    snapshot.externals = vec![
        external("maps", &["*.maps.example"]),
        external("pay", &["api.pay.example"]),
    ];
    snapshot.role.externals = [service_ref("maps"), service_ref("pay")].into();
    snapshot
}

fn about(text: &str, who: Who) -> Access {
    let mut access = access(
        text,
        vec![entry("all", who, vec![request(&["GET"], &[])])],
        vec![],
    );
    access.target.scope = Scope::External(service_ref(text));
    access
}

#[test]
fn an_external_service_is_found_by_host_and_below_a_wildcard() {
    let snapshot = outside();
    check(&snapshot, "api.pay.example", "/", "pay.shop 80 -");
    check(&snapshot, "eu.tiles.maps.example", "/", "maps.shop 80 -");
    check(
        &snapshot,
        "maps.example",
        "/",
        "403 not-visible Mesh access.default",
    );
    check(
        &snapshot,
        "pay.example",
        "/",
        "403 not-visible Mesh access.default",
    );
    check(
        &snapshot,
        "pay.shop",
        "/",
        "403 not-visible Mesh access.default",
    );
}

#[test]
fn a_name_of_the_mesh_wins_over_a_host_outside() {
    let mut snapshot = outside();
    snapshot.externals[1]
        .hosts
        .push(mesh_ir::HostPattern::parse("ratings.shop").unwrap());
    check(&snapshot, "ratings.shop", "/", "ratings.shop 9080 -");
}

#[test]
fn the_closest_wildcard_is_meant() {
    let mut snapshot = outside();
    snapshot.externals[1].hosts = vec![mesh_ir::HostPattern::parse("*.eu.maps.example").unwrap()];
    check(&snapshot, "a.eu.maps.example", "/", "pay.shop 80 -");
    check(&snapshot, "a.us.maps.example", "/", "maps.shop 80 -");
}

#[test]
fn routes_are_about_external_services_too_and_lead_to_them() {
    let mut snapshot = outside();
    let mut own = route_of(
        "pay",
        vec![rule(
            "all",
            0,
            at("/v1/**"),
            Action::Forward(forward(vec![to(BackendTarget::Service, 1)])),
        )],
    );
    own.target.scope = Scope::External(service_ref("pay"));
    let there = BackendTarget::External {
        service: service_ref("pay"),
        port: name("http"),
    };
    let only = rule(
        "out",
        0,
        vec![],
        Action::Forward(forward(vec![to(there, 1)])),
    );
    snapshot.routes = vec![own, route_of("ratings", vec![only])];
    check(
        &snapshot,
        "api.pay.example",
        "/v1/x",
        "pay.shop 80 - Route shop/pay all",
    );
    check(
        &snapshot,
        "api.pay.example",
        "/v2",
        "404 no-route Route shop/pay",
    );
    check(
        &snapshot,
        "ratings",
        "/v1/x",
        "pay.shop 80 - Route shop/ratings out",
    );
    let tables = tables(&snapshot);
    let rule = plan(&tables, "ratings", "/v1/x").rules[0];
    assert_eq!(tables.distribution(rule)[0].kind, CalleeKind::External);
}

#[test]
fn access_is_judged_by_the_callers_own_proxy_in_its_own_name() {
    let mut snapshot = outside();
    snapshot.access = vec![about("pay", account("web"))];
    let judged = |snapshot: &Snapshot, host: &str, method: &str| {
        let tables = tables(snapshot);
        let state = State::new(&tables, 1);
        let plan = plan(&tables, host, "/");
        assert_eq!(plan.via, None);
        let identity = tables.role().identity.clone();
        let fields = fields(host, &[]);
        let moment = Moment {
            now: Tick(0),
            wall: Timestamp(0),
        };
        let caller = Caller::new(Some(&identity), None);
        let request = asks(method, "/", &fields);
        let at = plan.admit.unwrap();
        match admit(&tables, &state, at, &caller, &request, moment, &mut ()) {
            Admission::Admit(admitted) => tables.rule(admitted.allowed_by).to_string(),
            Admission::Refuse(refusal) => refusal.reason.as_str().to_owned(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(
        judged(&snapshot, "api.pay.example", "GET"),
        "Access shop/pay all"
    );
    assert_eq!(judged(&snapshot, "api.pay.example", "POST"), "access");
    assert_eq!(judged(&snapshot, "a.maps.example", "GET"), "access");
    snapshot.access = vec![about("pay", account("cart"))];
    assert_eq!(judged(&snapshot, "api.pay.example", "GET"), "access");
}

#[test]
fn what_leaves_through_a_gateway_is_judged_there() {
    let mut snapshot = outside();
    snapshot.gateways = vec![gateway("egress")];
    snapshot.externals[1].via = Some(object("egress"));
    let tables = tables(&snapshot);
    let plan = plan(&tables, "api.pay.example", "/");
    assert_eq!(plan.admit, None);
    assert_eq!(
        tables.gateway(plan.via.unwrap()).unwrap().id,
        object("egress")
    );
    // At the gateway the external service has an inbound port, and no gateway before it.
    let mut at_gateway = edge();
    at_gateway.gateways = vec![gateway("egress")];
    at_gateway.role.gateways = vec![object("egress")];
    at_gateway.externals = snapshot.externals.clone();
    at_gateway.role.externals = [service_ref("pay")].into();
    at_gateway.access = vec![about("pay", account("cart"))];
    let tables = Tables::build(&at_gateway).unwrap();
    let pay = tables.find_external(&service_ref("pay")).unwrap();
    let at = tables.inbound_of(pay, &name("http")).unwrap();
    let state = State::new(&tables, 1);
    let identity = id("cart");
    let fields = fields("api.pay.example", &[]);
    let moment = Moment {
        now: Tick(0),
        wall: Timestamp(0),
    };
    let caller = Caller::new(Some(&identity), None);
    let request = asks("GET", "/", &fields);
    let admission = admit(&tables, &state, at, &caller, &request, moment, &mut ());
    assert!(matches!(admission, Admission::Admit(_)), "{admission:?}");
}

#[test]
fn a_gateway_that_is_not_there_cannot_be_honoured() {
    let mut snapshot = outside();
    snapshot.externals[1].via = Some(object("egress"));
    let problems = Tables::build(&snapshot).unwrap_err();
    assert!(
        problems[0].reason.contains("shop/egress"),
        "{}",
        problems[0]
    );
}
