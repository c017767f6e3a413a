use std::sync::mpsc;
use std::time::Duration;

use mesh_ir::{
    AbortWith, Action, BackendTarget, Balancing, Cors, Fault, FaultAbort, FaultDelay, Key,
    LoadBalancing, Mirror, Percent, Respond, SetCookie, ValueMatch,
};

use super::fixture::*;
use super::intents::*;

const GET: &str = "GET / HTTP/1.1\r\nhost: api.shop\r\n\r\n";

fn with_cors() -> Fixture {
    let (app, _) = application(|request| {
        assert!(
            !request.head.starts_with("OPTIONS"),
            "a preflight got through"
        );
        "HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n".to_owned()
    });
    let mut snapshot = snapshot();
    add_route(&mut snapshot, forward(BackendTarget::Service)).cors = Some(Cors {
        origins: vec![ValueMatch::Exact("https://shop.example".to_owned())],
        methods: vec!["PUT".to_owned()],
        headers: vec!["x-token".to_owned()],
        expose: vec![],
        max_age: Some(Duration::from_mins(1)),
        credentials: false,
        origin: origin(33),
    });
    Fixture::start(snapshot, app)
}

fn preflight(origin: &str) -> String {
    format!(
        "OPTIONS / HTTP/1.1\r\nhost: api.shop\r\norigin: {origin}\r\n\
         access-control-request-method: PUT\r\n\r\n"
    )
}

#[test]
fn a_preflight_is_answered_here() {
    let fixture = with_cors();
    let answer = fixture.ask(&preflight("https://shop.example"));
    assert_eq!(answer.status(), 204);
    let field = |name| answer.field(name);
    assert_eq!(
        field("access-control-allow-origin"),
        Some("https://shop.example")
    );
    assert_eq!(field("access-control-allow-methods"), Some("PUT"));
    assert_eq!(field("access-control-max-age"), Some("60"));
    assert_eq!(
        fixture.lines("outbound", 1)[0]["rule"],
        "Route/shop/api/all"
    );
    assert_eq!(
        fixture.ask(&preflight("https://evil.example")).status(),
        403
    );
}

#[test]
fn an_answer_says_what_the_route_says_about_other_origins_not_what_the_application_says() {
    let fixture = with_cors();
    let ask = |origin: &str| {
        fixture.ask(&format!(
            "GET / HTTP/1.1\r\nhost: api.shop\r\norigin: {origin}\r\n\r\n"
        ))
    };
    let allowed = ask("https://shop.example");
    let field = "access-control-allow-origin";
    assert_eq!(allowed.field(field), Some("https://shop.example"));
    assert_eq!(ask("https://evil.example").field(field), None);
}

fn with_fault(fault: Fault, timeout: Duration) -> Fixture {
    let (app, _) = echo();
    let mut snapshot = snapshot();
    let mut forward = forward(BackendTarget::Service);
    forward.fault = Some(fault);
    forward.timeout = Some(timeout);
    forward.retries = retries(3, vec![mesh_ir::RetryOn::ServerError]);
    add_route(&mut snapshot, forward);
    Fixture::start(snapshot, app)
}

fn abort(with: AbortWith) -> Fault {
    Fault {
        delay: None,
        abort: Some(FaultAbort {
            with,
            percent: Percent::ALL,
        }),
    }
}

fn delay(length: Duration) -> Fault {
    Fault {
        delay: Some(FaultDelay {
            length,
            percent: Percent::ALL,
        }),
        abort: None,
    }
}

#[test]
fn an_aborted_request_is_answered_here_and_says_so() {
    let fixture = with_fault(abort(AbortWith::Status(418)), Duration::from_secs(5));
    let answer = fixture.ask(GET);
    assert_eq!(answer.status(), 418);
    assert_eq!(answer.field("x-mesh-reason"), Some("fault"));
    let line = &fixture.lines("outbound", 1)[0];
    assert_eq!(line["reason"], "fault");
    assert_eq!(line["origin"], "api.yaml:31");
}

#[test]
fn a_request_is_aborted_with_a_grpc_status_in_an_answer_of_200() {
    let fixture = with_fault(abort(AbortWith::Grpc(14)), Duration::from_secs(5));
    let answer = fixture.ask(GET);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.field("grpc-status"), Some("14"));
}

#[test]
fn a_delayed_request_goes_on_afterwards() {
    let fixture = with_fault(delay(Duration::from_millis(5)), Duration::from_secs(5));
    assert_eq!(fixture.ask(GET).status(), 200);
}

#[test]
fn a_delay_counts_in_the_timeout() {
    let fixture = with_fault(delay(Duration::from_hours(1)), Duration::from_millis(20));
    let answer = fixture.ask(GET);
    assert_eq!(answer.status(), 504);
    assert_eq!(answer.field("x-mesh-reason"), Some("timeout"));
}

#[test]
fn what_was_drawn_and_has_no_endpoint_falls_back() {
    let (app, _) = application(|_| ok("v1"));
    let mut snapshot = with_versions();
    let mut to_v2 = forward(BackendTarget::Version(name("v2")));
    to_v2.fallback = vec![
        backend(to_shadow()),
        backend(BackendTarget::Version(name("v1"))),
    ];
    add_route(&mut snapshot, to_v2);
    let mut fixture = Fixture::start(snapshot, app);
    assert_eq!(fixture.ask(GET).body, "v1", "nobody else is there");
    let shadow = fixture.peer(|_| ok("shadow"));
    fixture.know(endpoints(shadow_service(), vec![endpoint(shadow, "v1")]));
    assert_eq!(fixture.ask(GET).body, "shadow", "the first of them");
    let second = fixture.peer(|_| ok("v2"));
    fixture.know(endpoints(service(), vec![endpoint(second, "v2")]));
    assert_eq!(fixture.ask(GET).body, "v2", "what was drawn");
}

#[test]
fn an_endpoint_without_weight_takes_nothing_so_that_others_do() {
    let (app, _) = application(|_| ok("v1"));
    let mut snapshot = with_versions();
    let mut to_v2 = forward(BackendTarget::Version(name("v2")));
    to_v2.fallback = vec![backend(to_shadow())];
    add_route(&mut snapshot, to_v2);
    let mut fixture = Fixture::start(snapshot, app);
    let idle = mesh_ir::Endpoint {
        weight: 0,
        ..endpoint(fixture.peer(|_| ok("v2")), "v2")
    };
    fixture.know(endpoints(service(), vec![idle]));
    let shadow = fixture.peer(|_| ok("shadow"));
    fixture.know(endpoints(shadow_service(), vec![endpoint(shadow, "v1")]));
    assert_eq!(fixture.ask(GET).body, "shadow");
}

#[test]
fn a_fault_is_injected_whoever_takes_the_request() {
    let (app, _) = application(|_| ok("v1"));
    let mut snapshot = with_versions();
    let mut to_v2 = forward(BackendTarget::Version(name("v2")));
    to_v2.fallback = vec![backend(BackendTarget::Version(name("v1")))];
    to_v2.fault = Some(abort(AbortWith::Status(418)));
    add_route(&mut snapshot, to_v2);
    assert_eq!(Fixture::start(snapshot, app).ask(GET).status(), 418);
}

#[test]
fn without_anybody_left_to_fall_back_to_there_is_no_endpoint() {
    let (app, _) = application(|_| ok("v1"));
    let mut snapshot = with_versions();
    let mut to_v2 = forward(BackendTarget::Version(name("v2")));
    to_v2.fallback = vec![backend(to_shadow())];
    add_route(&mut snapshot, to_v2);
    let answer = Fixture::start(snapshot, app).ask(GET);
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.field("x-mesh-reason"), Some("no-endpoint"));
}

/// A fixture whose requests are mirrored to `shadow.shop`, and what arrives there.
fn with_mirror(answer: fn() -> String) -> (Fixture, mpsc::Receiver<Answer>) {
    let (app, _) = application(|_| ok("primary"));
    let mut snapshot = with_versions();
    let mut forward = forward(BackendTarget::Version(name("v1")));
    forward.mirror = vec![Mirror {
        target: to_shadow(),
        percent: Percent::ALL,
        origin: origin(34),
    }];
    add_route(&mut snapshot, forward);
    let mut fixture = Fixture::start(snapshot, app);
    let (sender, arrived) = mpsc::channel();
    let shadow = fixture.peer(move |request| {
        sender.send(request.clone()).unwrap();
        answer()
    });
    fixture.know(endpoints(shadow_service(), vec![endpoint(shadow, "v1")]));
    (fixture, arrived)
}

#[test]
fn a_copy_of_head_and_body_goes_to_the_mirror_and_its_answer_to_nobody() {
    let (fixture, arrived) = with_mirror(|| ok("mirror"));
    let post = "POST /x?y=1 HTTP/1.1\r\nhost: api.shop\r\nx-a: b\r\ncontent-length: 4\r\n\r\nbody";
    for request in [post, GET] {
        assert_eq!(fixture.ask(request).body, "primary");
    }
    let copies = [WAIT; 2].map(|wait| arrived.recv_timeout(wait).unwrap());
    let post = copies.iter().find(|it| it.head.starts_with("POST /x?y=1 "));
    let post = post.expect("both are copied");
    assert_eq!(post.body, "body");
    assert_eq!(post.field("x-a"), Some("b"));
    for copy in &copies {
        assert_eq!(copy.field("x-mesh-mirror"), Some("1"));
        assert_eq!(copy.field("host"), Some("api.shop"));
    }
    assert_eq!(
        fixture.lines("outbound", 2).len(),
        2,
        "copies are not logged"
    );
}

#[test]
fn a_mirror_that_fails_fails_nothing_else() {
    let (fixture, arrived) = with_mirror(|| "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".into());
    assert_eq!(fixture.ask(GET).status(), 200);
    arrived.recv_timeout(WAIT).unwrap();
    let (mut gone, _arrived) = with_mirror(|| ok(""));
    gone.know(endpoints(shadow_service(), vec![]));
    assert_eq!(gone.ask(GET).status(), 200);
}

#[test]
fn a_body_too_large_to_be_kept_is_not_mirrored_and_passes_whole() {
    let (fixture, arrived) = with_mirror(|| ok("mirror"));
    let body = "x".repeat(100 * 1024);
    let request = format!(
        "POST / HTTP/1.1\r\nhost: api.shop\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(fixture.ask(&request).body, "primary");
    assert_eq!(fixture.ask(GET).body, "primary");
    let first = arrived.recv_timeout(WAIT).unwrap();
    assert!(first.head.starts_with("GET / "), "{}", first.head);
}

#[test]
fn only_a_proxy_can_mark_a_request_as_a_copy() {
    let (app, _) = echo();
    let fixture = Fixture::start(snapshot(), app);
    let claimed = "GET / HTTP/1.1\r\nhost: api.shop\r\nx-mesh-mirror: 1\r\n\r\n";
    assert!(!fixture.ask(claimed).body.contains("x-mesh-mirror"));
}

#[test]
fn the_application_is_told_that_a_request_is_a_copy() {
    let (app, _) = echo();
    let mut snapshot = with_versions();
    let mut forward = forward(BackendTarget::Version(name("v1")));
    forward.mirror = vec![Mirror {
        target: BackendTarget::Version(name("v1")),
        percent: Percent::ALL,
        origin: origin(34),
    }];
    add_route(&mut snapshot, forward);
    let fixture = Fixture::start(snapshot, app);
    assert!(!fixture.ask(GET).body.contains("x-mesh-mirror"));
    assert_eq!(
        fixture.lines("inbound", 2).len(),
        2,
        "the request and its copy"
    );
}

#[test]
fn an_answer_of_a_rule_is_shared_with_other_origins_too() {
    let (app, _) = echo();
    let mut snapshot = snapshot();
    let rule = add_route(&mut snapshot, forward(BackendTarget::Service));
    rule.action = Action::Respond(Respond {
        status: 200,
        headers: vec![],
        body: "written".to_owned(),
    });
    rule.cors = Some(Cors {
        origins: vec![ValueMatch::Present],
        methods: vec![],
        headers: vec![],
        expose: vec![],
        max_age: None,
        credentials: false,
        origin: origin(33),
    });
    let fixture = Fixture::start(snapshot, app);
    let answer = fixture.ask("GET / HTTP/1.1\r\nhost: api.shop\r\norigin: https://a.b\r\n\r\n");
    assert_eq!(answer.body, "written");
    assert_eq!(answer.field("access-control-allow-origin"), Some("*"));
}

/// A service of three endpoints, each of which answers with its name, balanced `by`.
fn with_key(by: Key, set_cookie: Option<SetCookie>) -> Fixture {
    let (app, _) = echo();
    let mut snapshot = snapshot();
    snapshot.services[0].load_balancing = Balancing {
        by: vec![by],
        set_cookie,
        ..LoadBalancing::RingHash.into()
    };
    let mut fixture = Fixture::start(snapshot, app);
    let peers = ["a", "b", "c"].map(|text| fixture.peer(move |_| ok(text)));
    let peers = peers.map(|address| endpoint(address, "v1"));
    fixture.know(endpoints(service(), peers.into()));
    fixture
}

#[test]
fn the_same_key_leads_to_the_same_endpoint() {
    let fixture = with_key(Key::Header("x-user".to_owned()), None);
    let ask = |user: usize| {
        let request = format!("GET / HTTP/1.1\r\nhost: api.shop\r\nx-user: {user}\r\n\r\n");
        fixture.ask(&request).body
    };
    let first: Vec<_> = (0..30).map(ask).collect();
    let second: Vec<_> = (0..30).map(ask).collect();
    assert_eq!(first, second);
    for endpoint in ["a", "b", "c"] {
        assert!(first.iter().any(|it| it == endpoint), "{first:?}");
    }
}

#[test]
fn a_client_is_given_the_cookie_that_leads_it_back() {
    let cookie = SetCookie {
        name: "session".to_owned(),
        ttl: Some(Duration::from_mins(1)),
    };
    let fixture = with_key(Key::Cookie("session".to_owned()), Some(cookie));
    for _ in 0..5 {
        let first = fixture.ask(GET);
        let given = first.field("set-cookie").expect("a cookie");
        let (pair, rest) = given.split_once(';').unwrap();
        assert_eq!(rest, " Path=/; HttpOnly; Max-Age=60");
        let again = format!("GET / HTTP/1.1\r\nhost: api.shop\r\ncookie: a=b; {pair}\r\n\r\n");
        let next = fixture.ask(&again);
        assert_eq!(
            (next.body, next.head.contains("set-cookie")),
            (first.body, false)
        );
    }
}
