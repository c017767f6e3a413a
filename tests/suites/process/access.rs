//! Who may call, how much is allowed, and that each refusal names its line.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mesh_tests::{MeshUp, Repository, Workload, mesh};
use serde_json::Value;

fn simulate(repository: &Repository, from: &str, method: &str, url: &str) -> Value {
    let output = mesh(&[
        "simulate",
        "--path",
        repository.path().to_str().unwrap(),
        "--from",
        from,
        "--output",
        "json",
        method,
        url,
    ]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("a JSON object")
}

#[track_caller]
fn logged(workload: &Workload, id: &str, reason: &str, origin: &str, commit: &str) -> Value {
    let line = workload.log_line(id);
    assert_eq!(
        (line["reason"].as_str(), line["origin"].as_str()),
        (Some(reason), Some(origin)),
        "{line}"
    );
    assert_eq!(line["commit"], commit, "{line}");
    line
}

/// A running shop, and where its first commit says `default: deny`.
fn shop() -> (Repository, MeshUp, String, String) {
    let repository = Repository::of_shop();
    let commit = repository.head();
    let mesh = MeshUp::start(repository.path());
    let line = repository.line_of("mesh.yaml", "default: deny");
    (repository, mesh, commit, format!("mesh.yaml:{line}"))
}

fn origin_of(simulated: &Value) -> String {
    let file = simulated["rule"]["file"].as_str().unwrap();
    format!("{file}:{}", simulated["rule"]["line"])
}

#[test]
fn a_caller_with_other_access_is_refused_by_the_callee_at_the_default_line() {
    let (repository, mesh, commit, default) = shop();
    let page = mesh.workload("shop/productpage");
    let id = [("x-request-id", "post-1")];
    let answer = page.call("POST", "reviews.shop", "/reviews/1", &id);
    let reason = answer.header("x-mesh-reason");
    assert_eq!((answer.status, reason), (403, Some("access")));
    let version = page.log_line("post-1")["version"].clone();
    let version = version.as_str().expect("a version was drawn");
    let callee = mesh.workload(&format!("shop/reviews-{version}"));
    logged(&callee, "post-1", "access", &default, &commit);

    let url = "http://reviews.shop/reviews/1";
    let simulated = simulate(&repository, "shop/productpage", "POST", url);
    assert_eq!(simulated["outcome"], "deny");
    assert_eq!(simulated["status"], 403);
    assert_eq!(origin_of(&simulated), default);
}

#[test]
fn a_caller_without_any_access_is_refused_by_its_own_proxy() {
    let (repository, mesh, commit, default) = shop();
    let stranger = mesh.workload("lab/stranger");
    let id = [("x-request-id", "stranger-1")];
    let answer = stranger.call("GET", "reviews.shop", "/reviews/1", &id);
    let reason = answer.header("x-mesh-reason");
    assert_eq!((answer.status, reason), (403, Some("not-visible")));
    logged(&stranger, "stranger-1", "not-visible", &default, &commit);
    for version in ["v1", "v2", "v3"] {
        let callee = mesh.workload(&format!("shop/reviews-{version}"));
        assert!(callee.log().is_empty(), "nothing left the caller");
    }

    let url = "http://reviews.shop/reviews/1";
    let simulated = simulate(&repository, "lab/stranger", "GET", url);
    assert_eq!(simulated["outcome"], "not-visible");
    assert_eq!(origin_of(&simulated), default);
}

#[test]
fn a_deny_names_its_own_line() {
    let (repository, mesh, commit, _) = shop();
    let page = mesh.workload("shop/productpage");
    let id = [("x-request-id", "deny-1")];
    let answer = page.call("GET", "ratings.shop", "/ratings/admin/users", &id);
    assert_eq!(answer.status, 403);
    let line = repository.line_of("ratings.yaml", "name: nobody-administers");
    let origin = format!("ratings.yaml:{line}");
    let line = logged(
        &mesh.workload("shop/ratings"),
        "deny-1",
        "access",
        &origin,
        &commit,
    );
    assert_eq!(line["rule"], "Access/shop/ratings/nobody-administers");
    assert_eq!(line["peer"], page.identity());

    let url = "http://ratings.shop/ratings/admin/users";
    let simulated = simulate(&repository, "shop/productpage", "GET", url);
    assert_eq!(origin_of(&simulated), origin);
}

#[test]
fn over_the_limit_is_429_with_when_to_come_back() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    for _ in 0..2 {
        assert_eq!(
            page.call("GET", "ratings.shop", "/ratings/few", &[]).status,
            200
        );
    }
    let answer = page.call(
        "GET",
        "ratings.shop",
        "/ratings/few",
        &[("x-request-id", "limit-1")],
    );
    assert_eq!(
        (answer.status, answer.header("x-mesh-reason")),
        (429, Some("rate-limit"))
    );
    let wait: u64 = answer
        .header("retry-after")
        .expect("Retry-After")
        .parse()
        .expect("seconds");
    assert!(
        (1..=1800).contains(&wait),
        "one token comes back in half an hour, not in {wait} s"
    );
    assert!(
        answer.header("ratelimit").is_some() && answer.header("ratelimit-policy").is_some(),
        "{:?}",
        answer.headers
    );
    let line = mesh.workload("shop/ratings").log_line("limit-1");
    assert_eq!(line["rule"], "RateLimit/shop/ratings/few");
    assert_eq!(
        page.call("GET", "ratings.shop", "/ratings/other", &[])
            .status,
        200,
        "others have room"
    );
}

#[test]
fn a_tcp_service_is_reached_by_who_may_and_closed_to_others() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let mut stream =
        TcpStream::connect(mesh.workload("shop/productpage").tcp("db.shop:5432")).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(b"select 1\n").unwrap();
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    assert!(line.contains("select 1"), "{line}");

    repository.replace(
        "db.yaml",
        "from: [{service: productpage}]",
        "from: [{service: reviews}]",
    );
    let commit = repository.commit("the page stores nothing any more");
    mesh.enforces(&commit);
    let mut rest = vec![];
    let ended = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{rest:?}");
    assert!(
        ended.is_ok()
            || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
    );
}

#[test]
fn an_allow_with_an_exception_ends_by_itself() {
    let repository = Repository::of_shop();
    let soon = soon_from_now(6);
    repository.replace(
        "reviews.yaml",
        "match: [{methods: [GET], paths: [/reviews/*]}]\n",
        &format!("match: [{{methods: [GET], paths: [/reviews/*]}}]\n      exception: {{owner: web, reason: a trial, expires: {soon}}}\n"),
    );
    repository.commit("for a moment");
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    mesh_tests::eventually("the exception ends", || {
        page.call("GET", "reviews.shop", "/reviews/1", &[]).status == 403
    });
}

/// RFC 3339, this many seconds from now.
fn soon_from_now(seconds: u64) -> String {
    let at = std::time::SystemTime::now() + Duration::from_secs(seconds);
    let unix = at.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    jiff::Timestamp::from_second(i64::try_from(unix).unwrap())
        .unwrap()
        .to_string()
}
