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
fn a_service_answers_to_its_names_and_hosts() {
    let mut far = http("ratings.far");
    far.hosts = vec![host("ratings.internal"), host("stars.shop")];
    let snapshot = calling(vec![http("stars"), far]);
    check(&snapshot, "stars", "/", "stars.shop 9080 -");
    check(&snapshot, "Stars.Shop.:9080", "/", "stars.shop 9080 -");
    check(&snapshot, "stars.shop", "/", "stars.shop 9080 -");
    check(&snapshot, "ratings.far", "/", "ratings.far 9080 -");
    check(&snapshot, "ratings.internal", "/", "ratings.far 9080 -");
    check(
        &snapshot,
        "ratings",
        "/",
        "403 not-visible Mesh access.default",
    );
    // Served, but not called.
    check(
        &snapshot,
        "reviews",
        "/",
        "403 not-visible Mesh access.default",
    );
    check(
        &snapshot,
        "elsewhere.example",
        "/",
        "403 not-visible Mesh access.default",
    );
    check(&snapshot, "ratings/..", "/", "400 bad-request");
}

#[test]
fn an_unknown_host_names_the_default_line_of_its_namespace() {
    let mut snapshot = calling(vec![]);
    let mut default = snapshot.settings.access.clone();
    default.origin.line = 12;
    snapshot.settings.namespaces = vec![(name("far"), default)];
    let tables = tables(&snapshot);
    let line = |host| match get(&tables, host, "/") {
        Routing::Refuse(refusal) => tables.rule(refusal.rule.unwrap()).origin.line,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (line("x.far"), line("x"), line("x.shop"), line("a.b.c")),
        (12, 7, 7, 7)
    );
}

#[test]
fn a_port_is_written_or_80_or_the_only_one_of_http() {
    let tcp = ("db", 5432, Protocol::Tcp);
    let one = service("one", &[tcp, ("http", 9080, Protocol::Http)]);
    let two = service(
        "two",
        &[("a", 81, Protocol::Http), ("b", 82, Protocol::Grpc)],
    );
    let web = service(
        "web",
        &[("a", 80, Protocol::Http), ("b", 82, Protocol::Http)],
    );
    let odd = service(
        "odd",
        &[("a", 80, Protocol::Tcp), ("b", 82, Protocol::Http)],
    );
    let snapshot = calling(vec![odd, one, two, web]);
    check(&snapshot, "one", "/", "one.shop 9080 -");
    check(&snapshot, "one:5432", "/", "404 no-port Service shop/one");
    check(&snapshot, "two", "/", "404 no-port Service shop/two");
    check(&snapshot, "two:82", "/", "two.shop 82 -");
    check(&snapshot, "two:83", "/", "404 no-port Service shop/two");
    check(&snapshot, "web", "/", "web.shop 80 -");
    check(&snapshot, "odd", "/", "odd.shop 82 -");
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
fn a_version_is_drawn_by_weight_and_the_same_for_one_request_id() {
    let backends = vec![to_version("v1", 90), to_version("v2", 10)];
    let snapshot = routed(vec![rule(
        "all",
        0,
        vec![],
        Action::Forward(forward(backends)),
    )]);
    let tables = tables(&snapshot);
    let fields = fields("ratings", &[]);
    let draw = |id: u32| match route(
        &tables,
        &asks("GET", "/", &fields),
        &id.to_le_bytes(),
        &mut (),
    ) {
        Routing::Forward(plan) => plan.version.unwrap().position(),
        other => panic!("{other:?}"),
    };
    let second: usize = (0..10_000).map(draw).sum();
    assert!((850..1150).contains(&second), "{second}");
    assert!((0..100).all(|id| draw(id) == draw(id)));
    let rule = plan(&tables, "ratings", "/").rule().unwrap();
    let shares: Vec<_> = tables
        .distribution(rule)
        .into_iter()
        .map(|share| (share.version.unwrap().to_string(), share.weight))
        .collect();
    assert_eq!(shares, [("v1".to_owned(), 90), ("v2".to_owned(), 10)]);
}

#[test]
fn who_is_split_by_a_cookie_stays_where_it_was() {
    let mut split = forward(vec![to_version("v1", 1), to_version("v2", 1)]);
    split.split_by = vec![Key::Cookie("session".into())];
    let tables = tables(&routed(vec![rule(
        "all",
        0,
        vec![],
        Action::Forward(split),
    )]));
    let draw = |session: u32, id: u32| {
        let cookie = format!("session={session}");
        let fields = fields("ratings", &[("cookie", &cookie)]);
        match route(
            &tables,
            &asks("GET", "/", &fields),
            &id.to_le_bytes(),
            &mut (),
        ) {
            Routing::Forward(plan) => plan.version.unwrap().position(),
            other => panic!("{other:?}"),
        }
    };
    assert!((0..50).all(|session| (1..5).all(|id| draw(session, id) == draw(session, 0))));
    let second: usize = (0..1000).map(|session| draw(session, 0)).sum();
    assert!((400..600).contains(&second), "{second}");
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

/// `ratings` sends everything on to `stars`, whose own route decides further.
fn sent_on(stars: Service, rules: Vec<RouteRule>) -> Snapshot {
    let mut onward = forward(vec![to_service("stars")]);
    onward.timeout = Some(Duration::from_secs(3));
    onward.request_headers = HeaderEdits {
        set: vec![HeaderEdit {
            name: "x-from".into(),
            value: "ratings".into(),
        }],
        ..HeaderEdits::default()
    };
    onward.rewrite = Some(Rewrite {
        path: Some("/stars/**".into()),
        host: None,
    });
    let mut snapshot = calling(vec![http("ratings"), stars]);
    snapshot.routes = vec![
        route_of(
            "ratings",
            vec![rule("on", 0, at("/**"), Action::Forward(onward))],
        ),
        route_of("stars", rules),
    ];
    snapshot
}

#[test]
fn a_backend_that_is_another_service_is_a_call_of_it() {
    let mut inner = forward(vec![to_version("v2", 1)]);
    inner.retries = retries(1, &[]);
    let matches = with_header(
        request(&[], &["/stars/x"]),
        "x-from",
        ValueMatch::Exact("ratings".into()),
    );
    let snapshot = sent_on(
        http("stars"),
        vec![rule("in", 0, vec![matches], Action::Forward(inner))],
    );
    let tables = tables(&snapshot);
    let plan = plan(&tables, "ratings", "/x");
    assert_eq!(tables.service(plan.called).id, service_ref("ratings"));
    assert_eq!(tables.service(plan.service).id, service_ref("stars"));
    assert_eq!(plan.rules.len(), 2);
    assert_eq!(plan.timeout, Some(Duration::from_secs(3)));
    assert_eq!(plan.attempts, 1);
    assert_eq!(plan.path.as_deref(), Some(&b"/stars/x"[..]));
    assert_eq!(plan.request_edits.len(), 1);
    check(&snapshot, "ratings", "/y", "404 no-route Route shop/stars");
}

#[test]
fn services_that_send_on_to_one_another_come_to_an_end() {
    let back = Action::Forward(forward(vec![to_service("ratings")]));
    let snapshot = sent_on(http("stars"), vec![rule("back", 0, vec![], back)]);
    check(
        &snapshot,
        "ratings",
        "/x",
        "404 no-route Route shop/ratings on",
    );
}

#[test]
fn a_backend_that_is_not_in_view_is_refused_as_such() {
    let mut snapshot = sent_on(http("stars"), vec![rule("in", 0, vec![], to_v("v1"))]);
    snapshot.role.calls = vec![service_ref("ratings")];
    check(
        &snapshot,
        "ratings",
        "/x",
        "403 not-visible Mesh access.default",
    );
}

#[test]
fn the_callers_own_bounds_hold() {
    let mut snapshot = routed(vec![rule("all", 0, vec![], to_v("v1"))]);
    let call = Call {
        service: service_ref("ratings"),
        timeout: Some(Duration::from_millis(500)),
        attempts: Some(0),
        origin: Origin::new("shop.yaml", 40, 1),
    };
    snapshot.services[0].calls = Some(vec![call]);
    let plan = plan(&tables(&snapshot), "ratings", "/");
    assert_eq!(
        (plan.timeout, plan.attempts),
        (Some(Duration::from_millis(500)), 0)
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
fn a_connection_goes_to_a_visible_port_of_bytes() {
    let db = service(
        "db",
        &[("tcp", 5432, Protocol::Tcp), ("http", 80, Protocol::Http)],
    );
    let tables = tables(&calling(vec![db]));
    let connect = |service: &str, port: &str| {
        let routing = route_connection(&tables, &service_ref(service), &name(port), b"1", &mut ());
        outcome(&tables, &routing)
    };
    assert_eq!(connect("db", "tcp"), "db.shop 5432 -");
    assert_eq!(connect("db", "http"), "404 no-port Service shop/db");
    assert_eq!(
        connect("cache", "tcp"),
        "403 not-visible Mesh access.default"
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

#[test]
fn a_failed_attempt_is_repeated_only_where_it_is_safe_and_the_budget_has_room() {
    let mut retried = forward(vec![to_version("v1", 1)]);
    let all = [
        mesh_ir::RetryOn::ConnectFailure,
        mesh_ir::RetryOn::Reset,
        mesh_ir::RetryOn::ServerError,
    ];
    retried.retries = retries(2, &all);
    let tables = tables(&routed(vec![rule(
        "all",
        0,
        vec![],
        Action::Forward(retried),
    )]));
    let plan = plan(&tables, "ratings", "/");
    let after = |state: &State, method: &str, failure, retried| {
        let attempt = Attempt {
            method: method.as_bytes(),
            failure,
            retried,
            draw: Draw(0),
            now: Tick(0),
        };
        again(&tables, state, &plan, &attempt) != Again::GiveUp
    };
    let fresh = || State::new(&tables, 1);
    assert!(after(&fresh(), "POST", Failure::Connect, 0));
    assert!(!after(&fresh(), "POST", Failure::Reset, 0));
    assert!(!after(&fresh(), "PATCH", Failure::Status(503), 0));
    assert!(after(&fresh(), "PUT", Failure::Reset, 1));
    assert!(!after(&fresh(), "PUT", Failure::Reset, 2));
    assert!(!after(&fresh(), "GET", Failure::Status(404), 0));
    let state = fresh();
    let granted = (0..50)
        .filter(|_| after(&state, "GET", Failure::Reset, 0))
        .count();
    assert_eq!(granted, 3);
    let state = fresh();
    (0..100).for_each(|_| state.began(&plan, Tick(0)));
    let carried = state.carry(&tables);
    let granted = (0..50)
        .filter(|_| after(&carried, "GET", Failure::Reset, 0))
        .count();
    assert_eq!(granted, 20);
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
