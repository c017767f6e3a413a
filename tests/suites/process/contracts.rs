//! The shapes that other programs read: JSON of the commands, the access log, the
//! sample application; and gRPC as its clients expect it.

use bytes::Bytes;
use mesh_tests::{MeshUp, Repository, mesh};
use serde_json::Value;

#[track_caller]
fn has_fields(value: &Value, fields: &[&str]) {
    for field in fields {
        assert!(
            value.get(field).is_some(),
            "`{field}` is missing in {value}"
        );
    }
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = mesh(arguments);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code().expect("an exit code"),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn check_answers_by_exit_code_and_in_three_formats() {
    let repository = Repository::of_shop();
    let path = repository.path().to_str().unwrap();
    assert_eq!(run(&["check", path]).0, 0);

    repository.replace("reviews.yaml", "to: [{version: v2}]", "to: [{version: v9}]");
    let line = repository.line_of("reviews.yaml", "version: v9");
    let (code, out, _) = run(&["check", path, "--format", "json"]);
    assert_eq!(code, 1);
    let json: Value = serde_json::from_str(&out).unwrap();
    let errors: Vec<_> = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["severity"] == "error")
        .collect();
    assert_eq!(errors.len(), 1, "{json}");
    let found = errors[0];
    has_fields(
        found,
        &[
            "code",
            "severity",
            "message",
            "help",
            "file",
            "line",
            "column",
            "end_line",
            "end_column",
        ],
    );
    assert_eq!(
        (found["file"].as_str(), found["line"].as_u64()),
        (Some("reviews.yaml"), Some(line))
    );

    let (_, concise, _) = run(&["check", path, "--format", "concise"]);
    let start = format!(
        "reviews.yaml:{line}:{}: error[{}]: ",
        found["column"],
        found["code"].as_str().unwrap()
    );
    assert!(
        concise.lines().any(|text| text.starts_with(&start)),
        "{concise}"
    );

    let human = {
        let (_, out, err) = run(&["check", path]);
        out + &err
    };
    assert!(
        human.contains("to: [{version: v9}]") && human.contains("reviews.yaml"),
        "{human}"
    );
    assert!(!human.contains('\u{1b}'), "no colour in a pipe");

    let (code, page, _) = run(&["explain", found["code"].as_str().unwrap()]);
    assert!(code == 0 && page.len() > 100, "{page}");
    assert_eq!(run(&["check", "/does/not/exist"]).0, 2);
}

#[test]
fn init_writes_what_check_accepts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("intents");
    let path = path.to_str().unwrap();
    assert_eq!(run(&["init", path]).0, 0);
    assert_eq!(run(&["check", path, "--deny", "warnings"]).0, 0);
    assert_ne!(run(&["init", path]).0, 0, "nothing is overwritten");
}

#[test]
fn up_log_and_application_keep_their_shapes() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    has_fields(&mesh.contract, &["state_dir", "operator", "workloads"]);
    has_fields(&mesh.contract["operator"], &["xds", "api", "pid"]);
    for workload in mesh.contract["workloads"].as_array().unwrap() {
        has_fields(
            workload,
            &[
                "namespace",
                "service",
                "version",
                "identity",
                "pid",
                "admin",
                "log",
                "inbound",
                "outbound",
                "ports",
                "tcp",
            ],
        );
    }
    assert_eq!(
        mesh.workloads().len(),
        8,
        "one per version: {}",
        mesh.contract
    );

    let page = mesh.workload("shop/productpage");
    let answer = page.call(
        "GET",
        "reviews.shop",
        "/reviews/7?x=1",
        &[
            ("x-request-id", "shape-1"),
            ("x-twice", "a"),
            ("x-twice", "b"),
        ],
    );
    let said = answer.json();
    has_fields(
        &said,
        &[
            "service",
            "namespace",
            "version",
            "peer",
            "method",
            "path",
            "headers",
        ],
    );
    assert_eq!(
        (said["service"].as_str(), said["namespace"].as_str()),
        (Some("reviews"), Some("shop"))
    );
    assert_eq!(said["peer"], page.identity());
    assert_eq!(said["path"], "/reviews/7?x=1");
    assert_eq!(said["headers"]["x-twice"], serde_json::json!(["a", "b"]));

    let version = said["version"].as_str().unwrap();
    let callee = mesh.workload(&format!("shop/reviews-{version}"));
    for line in [page.log_line("shape-1"), callee.log_line("shape-1")] {
        has_fields(&line, &ACCESS_LOG);
    }
}

const ACCESS_LOG: [&str; 15] = [
    "time",
    "direction",
    "request_id",
    "method",
    "host",
    "path",
    "status",
    "reason",
    "peer",
    "service",
    "version",
    "rule",
    "origin",
    "commit",
    "duration_ms",
];

#[test]
fn status_keeps_its_shape() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let status = mesh.ask("status").unwrap();
    has_fields(&status, &["commits", "proxies"]);
    has_fields(&status["commits"][0], &["id", "outcome", "diagnostics"]);
    let fields = [
        "workload",
        "identity",
        "commit",
        "digest",
        "state",
        "certificate",
    ];
    for proxy in status["proxies"].as_array().unwrap() {
        has_fields(proxy, &fields);
        assert!(proxy["certificate"]["not_after"].is_string(), "{proxy}");
    }
}

/// One gRPC call over HTTP/2 with prior knowledge: status, headers, trailers.
async fn grpc(address: &str, path: &str) -> (u16, http::HeaderMap, Option<http::HeaderMap>) {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    let request = http::Request::post(format!("http://greeter.shop{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap();
    let (response, mut body) = client.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(&[0, 0, 0, 0, 0]), true)
        .unwrap();
    let (head, mut body) = response.await.unwrap().into_parts();
    while let Some(chunk) = body.data().await {
        let _ = body.flow_control().release_capacity(chunk.unwrap().len());
    }
    let trailers = body.trailers().await.unwrap();
    driver.abort();
    (head.status.as_u16(), head.headers, trailers)
}

#[test]
fn grpc_passes_with_trailers_and_is_refused_by_trailers_alone() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (status, _, trailers) = grpc(page.outbound(), "/shop.v1.Greeter/Hello").await;
        assert_eq!(status, 200);
        assert_eq!(trailers.expect("trailers")["grpc-status"], "0");

        let (status, headers, _) = grpc(page.outbound(), "/shop.v1.Greeter/Delete").await;
        assert_eq!(status, 200, "a refusal of gRPC is HTTP 200");
        assert_eq!(
            headers["grpc-status"], "7",
            "PERMISSION_DENIED: {headers:?}"
        );
    });
}
