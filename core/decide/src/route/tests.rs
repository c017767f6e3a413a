mod cors;
mod external;
mod extras;
mod fallback;
mod gateway;
mod onward;
mod retries;
mod server_names;
mod split;
mod view;

use std::time::Duration;

use mesh_ir::{
    Action, BackendTarget, Call, CallerMatch, HeaderEdit, HeaderEdits, Key, Origin, Protocol, Rank,
    Redirect, RequestMatch, Respond, Rewrite, RouteRule, Service, Snapshot, Tick, ValueMatch,
};
use proptest::prelude::*;

use super::*;
use crate::draw::Draw;
use crate::fixture::{
    account, asks, calling, fields, forward, from, host, http, name, object, request, retries,
    route_of, rule, service, service_ref, tables, to, to_service, to_version, with_header,
};
use crate::verdict::Plan;
use crate::{Again, Attempt, Failure, State, again};

fn send(tables: &Tables, method: &str, host: &str, target: &str, more: &[(&str, &str)]) -> Routing {
    let fields = fields(host, more);
    route(tables, &asks(method, target, &fields), b"id-1", &mut ())
}

fn get(tables: &Tables, host: &str, target: &str) -> Routing {
    send(tables, "GET", host, target, &[])
}

fn plan(tables: &Tables, host: &str, target: &str) -> Plan {
    match get(tables, host, target) {
        Routing::Forward(plan) => plan,
        other => panic!("{host}{target} must be forwarded: {other:?}"),
    }
}

/// `service port version rule`, or what else the answer is.
fn outcome(tables: &Tables, routing: &Routing) -> String {
    let rule_name = |rule| format!("{}", tables.rule(rule));
    match routing {
        Routing::Forward(plan) => {
            let service = tables.service(plan.service);
            let port = &service.ports[plan.port.position()];
            let version = plan
                .version
                .map(|it| service.versions[it.position()].name.as_str());
            let rule = plan.rule().map(rule_name).unwrap_or_default();
            let text = format!(
                "{} {} {} {rule}",
                service.id,
                port.number,
                version.unwrap_or("-")
            );
            text.trim_end().to_owned()
        }
        Routing::Respond { rule, respond } => {
            format!("{} {}", tables.respond(*respond).status, rule_name(*rule))
        }
        Routing::Redirect {
            status, location, ..
        } => {
            format!("{status} {}", String::from_utf8_lossy(location))
        }
        Routing::Preflight(preflight) => {
            format!(
                "preflight {} {}",
                preflight.status,
                rule_name(preflight.rule)
            )
        }
        Routing::Refuse(refusal) => {
            let rule = refusal.rule.map(rule_name).unwrap_or_default();
            let text = format!("{} {} {rule}", refusal.status, refusal.reason.as_str());
            text.trim_end().to_owned()
        }
    }
}

fn check(snapshot: &Snapshot, host: &str, target: &str, want: &str) {
    let tables = tables(snapshot);
    assert_eq!(
        outcome(&tables, &get(&tables, host, target)),
        want,
        "{host}{target}"
    );
}

fn routed(rules: Vec<RouteRule>) -> Snapshot {
    let mut snapshot = calling(vec![http("ratings")]);
    snapshot.routes = vec![route_of("ratings", rules)];
    snapshot
}

fn to_v(text: &str) -> Action {
    Action::Forward(forward(vec![to_version(text, 1)]))
}

fn at(path: &str) -> Vec<RequestMatch> {
    vec![request(&[], &[path])]
}

#[test]
fn a_service_with_routes_answers_404_to_what_no_rule_matches() {
    let snapshot = routed(vec![rule("a", 0, at("/a"), to_v("v1"))]);
    check(
        &snapshot,
        "ratings",
        "/a",
        "ratings.shop 9080 v1 Route shop/ratings a",
    );
    check(
        &snapshot,
        "ratings",
        "/b",
        "404 no-route Route shop/ratings",
    );
    check(&snapshot, "ratings", "/a%2fb", "400 bad-request");
    check(
        &snapshot,
        "ratings",
        "//a;x",
        "ratings.shop 9080 v1 Route shop/ratings a",
    );
}

#[test]
fn the_first_rule_by_rank_decides_over_all_documents() {
    let mut urgent = rule("urgent", 0, at("/a/b"), to_v("v2"));
    urgent.rank = Rank {
        priority: 1,
        depth: 0,
    };
    let mut snapshot = routed(vec![
        rule("deep", 1, at("/a/*"), to_v("v1")),
        rule("wide", 0, at("/a/**"), to_v("v2")),
    ]);
    let mut more = route_of("ratings", vec![urgent]);
    more.id = object("z");
    snapshot.routes.push(more);
    check(
        &snapshot,
        "ratings",
        "/a/x",
        "ratings.shop 9080 v1 Route shop/ratings deep",
    );
    check(
        &snapshot,
        "ratings",
        "/a/x/y",
        "ratings.shop 9080 v2 Route shop/ratings wide",
    );
    check(
        &snapshot,
        "ratings",
        "/a/b",
        "ratings.shop 9080 v2 Route shop/z urgent",
    );
}

#[test]
fn a_rule_for_another_caller_is_passed_over() {
    let for_caller = |who: CallerMatch| {
        let mut first = rule("first", 1, vec![], to_v("v1"));
        first.from = vec![who];
        routed(vec![first, rule("rest", 0, vec![], to_v("v2"))])
    };
    let rest = "ratings.shop 9080 v2 Route shop/ratings rest";
    check(&for_caller(from(account("cart"))), "ratings", "/", rest);
    let first = "ratings.shop 9080 v1 Route shop/ratings first";
    check(&for_caller(from(account("web"))), "ratings", "/", first);
}

#[test]
fn a_rewrite_changes_the_path_and_keeps_the_query() {
    let mut rewritten = forward(vec![to(BackendTarget::Service, 1)]);
    rewritten.rewrite = Some(Rewrite {
        path: Some("/v1/**".into()),
        host: Some(host("ratings.internal")),
    });
    let snapshot = routed(vec![rule(
        "api",
        0,
        at("/api/**"),
        Action::Forward(rewritten),
    )]);
    let tables = tables(&snapshot);
    let path = |target| {
        let plan = plan(&tables, "ratings", target);
        assert_eq!(plan.host, Some(host("ratings.internal")));
        String::from_utf8(plan.path.unwrap()).unwrap()
    };
    assert_eq!(path("/api/x?q=/api"), "/v1/x?q=/api");
    assert_eq!(path("http://ratings/api"), "/v1");
}

#[test]
fn a_redirect_and_an_answer_leave_nothing_to_send() {
    let redirect = Redirect {
        status: 301,
        scheme: None,
        host: None,
        port: None,
        path: Some("/reviews/$1".into()),
    };
    let respond = Respond {
        status: 200,
        headers: vec![],
        body: "ok".into(),
    };
    let snapshot = routed(vec![
        rule(
            "moved",
            0,
            at("/reviews/*/legacy"),
            Action::Redirect(redirect),
        ),
        rule("health", 0, at("/health"), Action::Respond(respond)),
    ]);
    check(
        &snapshot,
        "ratings",
        "/reviews/7/legacy?a",
        "301 /reviews/7?a",
    );
    check(
        &snapshot,
        "ratings",
        "/health",
        "200 Route shop/ratings health",
    );
}

#[test]
fn a_repeated_header_that_a_route_reads_is_refused() {
    let jason = with_header(
        request(&[], &[]),
        "end-user",
        ValueMatch::Exact("jason".into()),
    );
    let tables = tables(&routed(vec![rule("jason", 0, vec![jason], to_v("v2"))]));
    let ask = |more: &[(&str, &str)]| outcome(&tables, &send(&tables, "GET", "ratings", "/", more));
    let user = ("end-user", "jason");
    assert_eq!(
        ask(&[user]),
        "ratings.shop 9080 v2 Route shop/ratings jason"
    );
    assert_eq!(ask(&[user, user]), "400 bad-request");
    assert_eq!(
        ask(&[("x-other", "1"), ("x-other", "2"), user]),
        ask(&[user])
    );
}

#[test]
fn what_cannot_be_done_as_written_is_not_honoured() {
    let mut rewritten = forward(vec![to_version("v9", 0)]);
    rewritten.rewrite = Some(Rewrite {
        path: Some("/$2".into()),
        host: None,
    });
    let regex = RequestMatch {
        paths: vec![mesh_ir::PathPattern::Regex("/(a".into())],
        ..RequestMatch::default()
    };
    let snapshot = routed(vec![
        rule("a", 0, at("/*"), Action::Forward(rewritten)),
        rule("b", 0, vec![regex], to_v("v1")),
    ]);
    let problems = Tables::build(&snapshot).unwrap_err();
    let reasons: Vec<_> = problems.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "no backend has a weight",
            "not every matched path has $2",
            "ratings.shop has no version `v9`",
            "the regex cannot be read: unclosed group",
        ]
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(
        target in "/(api|a|/|;|%2f|%41|\\$1|\\?|x){0,8}",
        host in proptest::collection::vec(any::<u8>(), 0..4),
        query in proptest::collection::vec(any::<u8>(), 0..10),
    ) {
        let mut rewritten = forward(vec![to_version("v1", 1)]);
        rewritten.rewrite = Some(Rewrite { path: Some("/$1/**".into()), host: None });
        let tables = tables(&routed(vec![rule("a", 0, at("/*/**"), Action::Forward(rewritten))]));
        let target = [target.as_bytes(), &query].concat();
        let host = [b"ratings", &host[..]].concat();
        let fields = vec![("host".to_owned(), host)];
        let request = Request { method: b"GET", target: &target, authority: None, headers: &fields };
        route(&tables, &request, b"", &mut ());
    }
}
