//! The proxies and the simulator agree: random requests, decided by both.
//!
//! Left out: fragments in a target, which the HTTP library cuts off before the
//! proxy sees them, and limits, whose buckets remember earlier requests.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use mesh_compiler::{Compiler, Options, SourceFile, SourceSet};
use mesh_ir::{Mesh, Timestamp};
use mesh_tests::{Answer, Connection, MeshUp, Repository, Workload, eventually};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

const REQUESTS: usize = 2_500;

/// One request, in the bytes that go over the wire.
#[derive(Debug, Clone)]
struct Sent {
    caller: &'static str,
    id: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
}

const CALLERS: [&str; 5] = [
    "shop/productpage",
    "shop/productpage",
    "shop/reviews-v1",
    "shop/ratings",
    "lab/stranger",
];
const METHODS: [&str; 9] = [
    "GET", "GET", "GET", "POST", "HEAD", "DELETE", "OPTIONS", "get", "PROPFIND",
];
const HOSTS: [&str; 14] = [
    "reviews.shop",
    "reviews.shop",
    "ratings.shop",
    "ratings.shop",
    "reviews",
    "ratings",
    "RATINGS.Shop",
    "reviews.shop.",
    "reviews.shop:9080",
    "ratings.shop:80",
    "unknown.shop",
    "db.shop",
    "stranger.lab",
    "user@reviews.shop",
];
const PATHS: [&str; 12] = [
    "/reviews/7",
    "/reviews",
    "/reviews/",
    "/reviews/7/",
    "/reviews/7/8",
    "/ratings/1",
    "/ratings/admin/users",
    "/public/x/secret",
    "/public/x",
    "/admin/health",
    "/refund",
    "/",
];
/// What is spliced into a path somewhere.
const NASTY: [&str; 28] = [
    "//", "/./", "/../", "/%2e/", "/%2e%2e/", "/..;/", "/;x/", ";a=b", "%2f", "%2F", "%5c", "\\",
    "%00", "%", "%4", "%zz", "%41", "%61dmin", "admin", "ADMIN", "/Secret", "/secret/", "?admin",
    "?a=b&a=c", "%3b", "%25", "~", "%c3%a9",
];
const EXTRA: [(&str, &str); 8] = [
    ("end-user", "jason"),
    ("end-user", "Jason"),
    ("end-user", ""),
    ("x-http-method-override", "GET"),
    ("x-http-method-override", "DELETE"),
    ("x-method-override", "not a token"),
    ("cookie", "a=b; end-user=jason"),
    ("accept", "*/*"),
];

fn random(random: &mut StdRng, number: usize) -> Sent {
    let pick =
        |random: &mut StdRng, list: &[&'static str]| *list.choose(random).expect("not empty");
    let caller = pick(random, &CALLERS);
    let method = pick(random, &METHODS).to_owned();
    let mut target = pick(random, &PATHS).to_owned();
    for _ in 0..random.random_range(0..3) {
        let at = random.random_range(1..=target.len());
        target.insert_str(at, pick(random, &NASTY));
    }
    let host = pick(random, &HOSTS);
    if random.random_ratio(1, 20) {
        target = format!("http://{host}{target}");
    }
    let mut headers = vec![("host".to_owned(), host.to_owned())];
    for _ in 0..random.random_range(0..3) {
        let (name, value) = EXTRA.choose(random).expect("not empty");
        headers.push(((*name).to_owned(), (*value).to_owned()));
    }
    let id = format!("diff-{number}");
    headers.push(("x-request-id".to_owned(), id.clone()));
    Sent {
        caller,
        id,
        method,
        target,
        headers,
    }
}

/// `None` where the connection was closed without an answer.
fn send(
    connections: &mut BTreeMap<&'static str, Connection>,
    workload: &Workload,
    sent: &Sent,
) -> Option<Answer> {
    let line = format!("{} {} HTTP/1.1", sent.method, sent.target);
    let headers = sent
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let length = (sent.method == "POST").then(|| "content-length: 0".to_owned());
    let head: Vec<_> = [line].into_iter().chain(headers).chain(length).collect();
    let request = head.join("\r\n") + "\r\n\r\n";
    for _ in 0..2 {
        // A connection that the proxy closed after a bad request is replaced once.
        let mut connection = match connections.remove(sent.caller) {
            Some(open) => open,
            None => Connection::open(workload.outbound()).expect("the proxy listens"),
        };
        if let Ok(answer) = connection.send_bytes(request.as_bytes(), sent.method == "HEAD") {
            if answer.header("connection") != Some("close") {
                connections.insert(sent.caller, connection);
            }
            return Some(answer);
        }
    }
    None
}

fn compile(repository: &Repository) -> Mesh {
    let names = [
        "mesh.yaml",
        "productpage.yaml",
        "reviews.yaml",
        "ratings.yaml",
        "db.yaml",
        "greeter.yaml",
    ];
    let files = names.map(|name| SourceFile {
        path: name.into(),
        content: std::fs::read(repository.path().join(name))
            .expect("a file of the shop")
            .into(),
    });
    let now = Timestamp(
        i64::try_from(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .expect("after 1970")
                .as_secs(),
        )
        .expect("fits"),
    );
    let set = SourceSet {
        files: files.into(),
        ..SourceSet::default()
    };
    Compiler::new(Options::at(now))
        .compile(&set)
        .mesh
        .expect("the shop compiles")
}

/// What a log line names as the rule, in the simulator's words.
fn rule_of(report: &Value) -> String {
    let text = |field: &str| report[field].as_str().unwrap_or_default();
    if report.is_null() {
        return String::new();
    }
    let parts = ["kind", "namespace", "name", "rule"].map(text);
    format!(
        "{}@{}:{}",
        parts
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/"),
        text("file"),
        report["line"]
    )
}

fn rule_in(line: &Value) -> String {
    match line["rule"].as_str() {
        Some(rule) => format!("{rule}@{}", line["origin"].as_str().unwrap_or_default()),
        None => String::new(),
    }
}

/// Every line of every log, by direction and request id.
fn logs(mesh: &MeshUp) -> BTreeMap<(String, String), Value> {
    let lines = mesh
        .workloads()
        .iter()
        .flat_map(Workload::log)
        .collect::<Vec<_>>();
    let key = |line: &Value, field: &str| line[field].as_str().unwrap_or_default().to_owned();
    lines
        .into_iter()
        .map(|line| ((key(&line, "direction"), key(&line, "request_id")), line))
        .collect()
}

/// Compares one request; the text says what differs.
fn compare(
    sent: &Sent,
    answer: Option<&Answer>,
    simulated: &Value,
    logs: &BTreeMap<(String, String), Value>,
) -> Result<(), String> {
    let outcome = simulated["outcome"].as_str().unwrap_or_default();
    let line = |direction: &str| {
        logs.get(&(direction.to_owned(), sent.id.clone()))
            .unwrap_or(&Value::Null)
    };
    let (caller, callee) = (line("outbound"), line("inbound"));
    let status = answer.map_or(400, |answer| answer.status);
    let same = |what: &str, live: &str, predicted: &str| {
        if live == predicted {
            Ok(())
        } else {
            Err(format!("{what}: live `{live}`, simulated `{predicted}`"))
        }
    };
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    if outcome == "forward" {
        // What the application itself answers is its own business; it was reached.
        let refused = answer.is_none_or(|answer| answer.header("x-mesh-reason").is_some());
        let reached = !refused && !callee.is_null();
        same("reached", &reached.to_string(), "true")?;
        same("route", &rule_in(caller), &rule_of(&simulated["rule"]))?;
        let allowed_by = rule_of(&simulated["allowed_by"]);
        same("access", &rule_in(callee), &allowed_by)?;
        return same(
            "version",
            &text(caller, "version"),
            &text(simulated, "version"),
        );
    }
    same(
        "status",
        &status.to_string(),
        &simulated["status"].to_string(),
    )?;
    let decided = if callee.is_null() { caller } else { callee };
    // A head that the HTTP library itself refuses is answered before there is a line to log.
    if outcome == "bad-request" && decided.is_null() {
        return Ok(());
    }
    same(
        "reason",
        &text(decided, "reason"),
        &text(simulated, "reason"),
    )?;
    same("rule", &rule_in(decided), &rule_of(&simulated["rule"]))
}

#[test]
fn random_requests_are_decided_alike_by_proxies_and_simulator() {
    let seed: u64 = rand::random();
    let mut source = StdRng::seed_from_u64(seed);
    let repository = Repository::of_shop();
    let mesh = compile(&repository);
    let up = MeshUp::start(repository.path());
    let workloads: BTreeMap<_, _> = CALLERS
        .iter()
        .map(|name| (*name, up.workload(name)))
        .collect();
    let mut connections = BTreeMap::new();
    let mut asked = vec![];
    for number in 0..REQUESTS {
        let sent = random(&mut source, number);
        let answer = send(&mut connections, &workloads[sent.caller], &sent);
        asked.push((sent, answer));
    }
    let expected = asked
        .iter()
        .filter(|(_, answer)| answer.as_ref().is_some_and(|a| a.status == 200))
        .count();
    eventually("every log is written", || {
        logs(&up)
            .iter()
            .filter(|((direction, _), line)| direction == "inbound" && line["status"] == 200)
            .count()
            >= expected
    });
    let logs = logs(&up);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut differing = vec![];
    for (sent, answer) in &asked {
        let from = sent.caller.trim_end_matches("-v1");
        let headers: Vec<_> = sent
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
            .collect();
        let simulated = mesh_cli::simulate(
            &mesh,
            from,
            sent.method.as_bytes(),
            sent.target.as_bytes(),
            &headers,
        )
        .unwrap_or_else(|error| panic!("seed {seed}: {sent:?}: {error}"));
        *outcomes
            .entry(simulated["outcome"].to_string())
            .or_default() += 1;
        if let Err(what) = compare(sent, answer.as_ref(), &simulated, &logs) {
            differing.push(format!("{what}\n  {sent:?}\n  {simulated}"));
        }
    }
    assert!(
        differing.is_empty(),
        "seed {seed}: {} of {REQUESTS} differ\n{}",
        differing.len(),
        differing[..differing.len().min(5)].join("\n")
    );
    for outcome in [
        "\"forward\"",
        "\"deny\"",
        "\"not-visible\"",
        "\"no-route\"",
        "\"bad-request\"",
    ] {
        assert!(
            outcomes.get(outcome).is_some_and(|count| *count >= 20),
            "seed {seed}: too few {outcome} in {outcomes:?}"
        );
    }
}
