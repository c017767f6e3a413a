use mesh_ir::{Cors, Who};

use super::*;
use crate::answers::{Answers, TokenOutcome};
use crate::fixture::{claims, edge, edge_route, exactly, issuer, with_token};
use crate::request::{Caller, Moment};
use crate::verdict::Admission;
use crate::{admit, find_listener};

fn to_ratings() -> Action {
    Action::Forward(forward(vec![to_service("ratings")]))
}

/// What becomes of a request to the gateway that was admitted.
fn through(snapshot: &Snapshot, port: u16, host: &str, target: &str, answers: &Answers) -> String {
    let tables = tables(snapshot);
    let at = find_listener(&tables, port, Some(host.as_bytes())).unwrap();
    let fields = fields(host, &[]);
    let request = asks("GET", target, &fields);
    let caller = Caller {
        answers,
        ..Caller::new(None, None)
    };
    outcome(
        &tables,
        &route_gateway(&tables, at, &caller, &request, b"1", &mut ()),
    )
}

fn check(snapshot: &Snapshot, port: u16, host: &str, target: &str, want: &str) {
    let got = through(snapshot, port, host, target, Answers::none());
    assert_eq!(got, want, "{host}:{port}{target}");
}

#[test]
fn a_gateway_routes_by_host_and_path_and_then_by_the_routes_of_the_service() {
    let mut snapshot = edge();
    snapshot.routes = vec![
        edge_route(
            "api",
            &["*.shop.example"],
            vec![rule("api", 0, vec![], to_ratings())],
        ),
        edge_route(
            "shop",
            &["shop.example"],
            vec![rule("shop", 1, at("/r/**"), to_ratings())],
        ),
        route_of("ratings", vec![rule("all", 0, vec![], to_v("v2"))]),
    ];
    let by = |rule: &str| format!("ratings.shop 9080 v2 Route shop/{rule}");
    check(&snapshot, 443, "www.shop.example", "/x", &by("api api"));
    check(&snapshot, 443, "shop.example", "/r/1", &by("shop shop"));
    check(
        &snapshot,
        443,
        "shop.example",
        "/x",
        "404 no-route Route shop/api",
    );
}

#[test]
fn a_listener_without_routes_forwards_nothing() {
    let snapshot = edge();
    check(
        &snapshot,
        443,
        "shop.example",
        "/",
        "404 no-route Gateway shop/edge",
    );
}

#[test]
fn a_redirect_of_the_listener_comes_before_its_routes() {
    let mut snapshot = edge();
    snapshot.routes = vec![edge_route(
        "all",
        &["shop.example"],
        vec![rule("a", 0, vec![], to_ratings())],
    )];
    check(
        &snapshot,
        80,
        "shop.example",
        "/a?b=c",
        "301 https://shop.example/a?b=c",
    );
}

#[test]
fn a_redirect_to_another_host_keeps_the_scheme_of_the_client() {
    let mut snapshot = edge();
    let moved = Action::Redirect(Redirect {
        status: 308,
        scheme: None,
        host: Some(host("new.example")),
        port: None,
        path: None,
    });
    snapshot.routes = vec![edge_route(
        "all",
        &["shop.example"],
        vec![rule("a", 0, vec![], moved)],
    )];
    check(
        &snapshot,
        443,
        "shop.example",
        "/a",
        "308 https://new.example/a",
    );
}

#[test]
fn a_gateway_chooses_by_token() {
    let mut snapshot = edge();
    snapshot.issuers = vec![issuer("corp")];
    let mut staff = rule(
        "staff",
        1,
        vec![],
        Action::Forward(forward(vec![to_service("reviews")])),
    );
    let sre = ("groups", exactly("sre"));
    staff.from = vec![with_token(Who::Anyone, "corp", &[sre])];
    snapshot.role.calls = [service_ref("ratings"), service_ref("reviews")].into();
    let rules = vec![staff.clone(), rule("all", 0, vec![], to_ratings())];
    snapshot.routes = vec![edge_route("all", &["shop.example"], rules)];
    let issuer = tables(&snapshot).issuers().next().unwrap().0;
    let with = |json: &str| Answers {
        tokens: vec![(issuer, TokenOutcome::Valid(claims(json)))],
        authorizers: vec![],
    };
    let got = |answers: &Answers| through(&snapshot, 443, "shop.example", "/", answers);
    assert_eq!(
        got(Answers::none()),
        "ratings.shop 9080 - Route shop/all all"
    );
    assert_eq!(
        got(&with(r#"{"groups": ["dev"]}"#)),
        "ratings.shop 9080 - Route shop/all all"
    );
    assert_eq!(
        got(&with(r#"{"groups": ["sre"]}"#)),
        "reviews.shop 9080 - Route shop/all staff"
    );
    // A sidecar has no client whose token it could read.
    snapshot.routes = vec![route_of("ratings", vec![staff])];
    let problems = Tables::build(&snapshot).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|it| it.reason.contains("only a gateway"))
    );
}

#[test]
fn a_gateway_answers_a_preflight_before_it_asks_who_it_is() {
    let mut snapshot = edge();
    snapshot.access.clear();
    let mut open = rule("open", 0, at("/open"), to_ratings());
    open.cors = Some(Cors {
        origins: vec![ValueMatch::Present],
        methods: vec![],
        headers: vec![],
        expose: vec![],
        max_age: None,
        credentials: false,
        origin: Origin::new("shop.yaml", 34, 1),
    });
    snapshot.routes = vec![edge_route("all", &["shop.example"], vec![open])];
    let tables = tables(&snapshot);
    let state = State::new(&tables, 1);
    let at = find_listener(&tables, 443, Some(b"shop.example")).unwrap();
    let ask = |target: &str| {
        let more = [
            ("origin", "https://a.example"),
            ("access-control-request-method", "POST"),
        ];
        let fields = fields("shop.example", &more);
        let request = asks("OPTIONS", target, &fields);
        let moment = Moment {
            now: Tick(0),
            wall: mesh_ir::Timestamp(0),
        };
        let caller = Caller::new(None, None);
        admit(&tables, &state, at, &caller, &request, moment, &mut ())
    };
    assert!(matches!(ask("/open"), Admission::Preflight(it) if it.status == 204));
    assert!(matches!(ask("/shut"), Admission::Refuse(it) if it.status == 403));
}

#[test]
fn what_a_gateway_copies_or_falls_back_to_is_a_call_of_that_service() {
    let mut snapshot = edge();
    snapshot.role.calls = [service_ref("ratings"), service_ref("reviews")].into();
    let mut first = forward(vec![to_service("ratings")]);
    first.fallback = vec![to_service("reviews")];
    first.mirror = vec![mesh_ir::Mirror {
        target: to_service("reviews").target,
        percent: mesh_ir::Percent::ALL,
        origin: Origin::new("shop.yaml", 33, 1),
    }];
    let all = rule("all", 0, vec![], Action::Forward(first));
    let moved = Action::Redirect(Redirect {
        status: 308,
        scheme: None,
        host: Some(host("new.example")),
        port: None,
        path: None,
    });
    snapshot.routes = vec![
        edge_route("all", &["shop.example"], vec![all]),
        route_of("reviews", vec![rule("moved", 1, at("/moved"), moved)]),
    ];
    snapshot.routes[1]
        .rules
        .push(rule("all", 0, vec![], to_v("v1")));
    let tables = tables(&snapshot);
    let at = find_listener(&tables, 443, Some(b"shop.example")).unwrap();
    let caller = Caller::new(None, None);
    let fields = fields("shop.example", &[]);
    let both = |target: &str| {
        let request = asks("GET", target, &fields);
        let first = route_gateway(&tables, at, &caller, &request, b"1", &mut ());
        let Routing::Forward(first) = first else {
            panic!("must be forwarded: {first:?}");
        };
        let next = fall_back(&tables, &first, &request, b"1", &mut ()).unwrap();
        (first, next)
    };
    let (first, next) = both("/");
    let reviews = tables.find_service(&service_ref("reviews")).unwrap();
    assert_eq!(first.mirrors[0].called, reviews);
    assert!(matches!(next, Routing::Forward(plan) if plan.called == reviews));
    let (_, moved) = both("/moved");
    assert_eq!(outcome(&tables, &moved), "308 https://new.example/moved");
}
