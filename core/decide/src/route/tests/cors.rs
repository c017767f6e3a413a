use mesh_ir::Cors;

use super::*;
use crate::verdict::Preflight;

fn cors(origins: Vec<ValueMatch>) -> Cors {
    Cors {
        origins,
        methods: vec!["GET".into(), "PUT".into()],
        headers: vec!["x-team".into()],
        expose: vec!["x-count".into()],
        max_age: Some(Duration::from_hours(1)),
        credentials: false,
        origin: Origin::new("shop.yaml", 34, 1),
    }
}

fn shop() -> Vec<ValueMatch> {
    vec![ValueMatch::Exact("https://shop.example".into())]
}

/// `/open` has `cors` for GET and PUT and is for `nobody`; `/shut` has none.
fn snapshot_with(cors: Cors) -> Snapshot {
    let mut open = rule("open", 0, at("/open"), to_v("v1"));
    open.cors = Some(cors);
    open.from = vec![account("nobody").into()];
    routed(vec![open, rule("shut", 0, at("/shut"), to_v("v1"))])
}

fn ask(snapshot: &Snapshot, target: &str, method: &str, more: &[(&str, &str)]) -> Routing {
    let tables = tables(snapshot);
    let mut all = vec![("access-control-request-method", method)];
    all.extend(more);
    send(&tables, "OPTIONS", "ratings", target, &all)
}

fn preflight(snapshot: &Snapshot, method: &str, more: &[(&str, &str)]) -> Preflight {
    match ask(snapshot, "/open", method, more) {
        Routing::Preflight(preflight) => preflight,
        other => panic!("must be answered: {other:?}"),
    }
}

const ORIGIN: (&str, &str) = ("origin", "https://shop.example");

#[test]
fn a_preflight_is_answered_from_the_rule_that_the_request_would_take_whoever_asks() {
    let snapshot = snapshot_with(cors(shop()));
    let answer = preflight(
        &snapshot,
        "PUT",
        &[ORIGIN, ("access-control-request-headers", "X-Team")],
    );
    assert_eq!(answer.status, 204);
    let want = [
        ("access-control-allow-origin", "https://shop.example"),
        ("vary", "origin"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "x-team"),
        ("access-control-max-age", "3600"),
    ];
    assert_eq!(
        answer.headers,
        want.map(|(name, value)| (name, value.to_owned()))
    );
}

#[test]
fn what_the_rule_does_not_allow_is_answered_without_leave() {
    let snapshot = snapshot_with(cors(shop()));
    let refused = |method, more: &[(&str, &str)]| {
        let answer = preflight(&snapshot, method, more);
        assert!(answer.headers.is_empty());
        answer.status
    };
    assert_eq!(refused("PUT", &[("origin", "https://evil.example")]), 403);
    assert_eq!(refused("DELETE", &[ORIGIN]), 403);
    let headers = [
        ORIGIN,
        ("access-control-request-headers", "x-team, x-other"),
    ];
    assert_eq!(refused("PUT", &headers), 403);
}

#[test]
fn without_cors_or_without_a_question_it_is_an_ordinary_request() {
    let snapshot = snapshot_with(cors(shop()));
    let shut = ask(&snapshot, "/shut", "GET", &[ORIGIN]);
    assert!(matches!(shut, Routing::Forward(_)), "{shut:?}");
    let tables = tables(&snapshot);
    let plain = send(&tables, "OPTIONS", "ratings", "/shut", &[ORIGIN]);
    assert!(matches!(plain, Routing::Forward(_)), "{plain:?}");
}

#[test]
fn a_rule_that_answers_itself_says_so_too() {
    let mut snapshot = snapshot_with(cors(shop()));
    let rule = &mut snapshot.routes[0].rules[0];
    rule.from = vec![];
    rule.action = Action::Respond(Respond {
        status: 200,
        headers: vec![],
        body: String::new(),
    });
    let tables = tables(&snapshot);
    let Routing::Respond { rule, .. } = send(&tables, "GET", "ratings", "/open", &[ORIGIN]) else {
        panic!("must be answered");
    };
    let headers = fields("ratings", &[ORIGIN]);
    let allowed = tables.cors(rule, &headers).unwrap();
    assert_eq!(allowed[0].1, "https://shop.example");
    let rule = plan(&tables, "ratings", "/shut").rules[0];
    assert_eq!(tables.cors(rule, &headers), None);
}

#[test]
fn origins_are_texts_regexes_or_all() {
    let found = |origins: ValueMatch, origin: &str| {
        let mut snapshot = snapshot_with(cors(vec![origins]));
        snapshot.routes[0].rules[0].from = vec![];
        let tables = tables(&snapshot);
        let Routing::Forward(plan) =
            send(&tables, "GET", "ratings", "/open", &[("origin", origin)])
        else {
            panic!("must be forwarded");
        };
        let fields = plan.cors.unwrap();
        let found = fields
            .iter()
            .find(|it| it.0 == "access-control-allow-origin");
        found.map(|it| it.1.clone())
    };
    let regex = ValueMatch::Regex("https://[a-z]+\\.shop\\.example".into());
    let www = "https://www.shop.example";
    assert_eq!(found(regex.clone(), www).as_deref(), Some(www));
    assert_eq!(found(regex, "https://www.shop.example.evil"), None);
    assert_eq!(found(ValueMatch::Present, www).as_deref(), Some("*"));
}

#[test]
fn the_answer_to_a_request_tells_what_scripts_may_read() {
    let mut cors = cors(shop());
    cors.credentials = true;
    let mut snapshot = snapshot_with(cors);
    snapshot.routes[0].rules[0].from = vec![];
    let tables = tables(&snapshot);
    let Routing::Forward(plan) = send(&tables, "GET", "ratings", "/open", &[ORIGIN]) else {
        panic!("must be forwarded");
    };
    let want = [
        ("access-control-allow-origin", "https://shop.example"),
        ("vary", "origin"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-count"),
    ];
    assert_eq!(
        *plan.cors.unwrap(),
        want.map(|(name, value)| (name, value.to_owned()))
    );
}

#[test]
fn of_several_rules_on_the_way_the_one_that_answers_a_preflight_answers() {
    let mut snapshot = calling(vec![http("ratings"), http("reviews")]);
    let with = |target: Action, origin: &str| {
        let mut all = rule("all", 0, vec![], target);
        all.cors = Some(cors(vec![ValueMatch::Exact(origin.into())]));
        all
    };
    let on = Action::Forward(forward(vec![to_service("reviews")]));
    snapshot.routes = vec![
        route_of("ratings", vec![with(on, "https://shop.example")]),
        route_of("reviews", vec![with(to_v("v1"), "https://other.example")]),
    ];
    assert_eq!(preflight(&snapshot, "GET", &[ORIGIN]).status, 204);
    let tables = tables(&snapshot);
    let Routing::Forward(plan) = send(&tables, "GET", "ratings", "/", &[ORIGIN]) else {
        panic!("must be forwarded");
    };
    let fields = plan.cors.unwrap();
    assert_eq!(fields[0].1, "https://shop.example");
}
