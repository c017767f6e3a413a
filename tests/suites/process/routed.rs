//! What rules say beside where requests go, through real proxies: copies, faults,
//! answers to other origins, fallbacks, and bounds of an instance.

use mesh_tests::{MeshUp, Repository, eventually};

const INTENTS: &str = r#"
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example, access: {default: deny}}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {ports: {http: 9080}}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 9080}
  versions: {v1: {}, v2: {}}
  loadBalancing: {policy: maglev, by: ["header:end-user"]}
  limits: {requests: 100, pending: 10}
  outlierDetection: {consecutive5xx: 5, maxEjected: 50%}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: shadow, namespace: shop}
spec: {ports: {http: 9080}}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{service: page}]}]}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: shadow, namespace: shop}
spec: {service: shadow, allow: [{from: [{service: page}]}]}
---
apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules:
    - name: copied
      match: [{paths: [/copied]}]
      to: [{version: v1}]
      mirror: [{service: shadow, percent: 100%}]
    - name: broken
      match: [{paths: [/broken]}]
      fault: {abort: {status: 418, percent: 100%}}
    - name: slow
      match: [{paths: [/slow]}]
      timeout: 50ms
      fault: {delay: {for: 1h, percent: 100%}}
    - name: script
      match: [{paths: [/script], methods: [PUT]}]
      cors: {origins: ["https://shop.example"], methods: [PUT], maxAge: 1h}
"#;

fn shop() -> (Repository, MeshUp) {
    let repository = Repository::of_files(&[("mesh.yaml", INTENTS)]);
    let mesh = MeshUp::start(repository.path());
    (repository, mesh)
}

#[test]
fn a_copy_reaches_the_mirror_and_is_marked_as_one() {
    let (_repository, mesh) = shop();
    let page = mesh.workload("shop/page");
    let id = [("x-request-id", "copied-1")];
    let answer = page.call("GET", "reviews.shop", "/copied", &id);
    assert_eq!(
        (answer.status, answer.json()["version"].as_str()),
        (200, Some("v1"))
    );
    let shadow = mesh.workload("shop/shadow");
    let line = shadow.log_line("copied-1");
    assert_eq!(
        (&line["status"], &line["path"]),
        (&200.into(), &"/copied".into())
    );
    assert_eq!(line["peer"], page.identity());
    assert_eq!(page.log().len(), 1, "the application asked once");
}

#[test]
fn a_fault_is_injected_at_its_line() {
    let (repository, mesh) = shop();
    let page = mesh.workload("shop/page");
    let broken = page.call(
        "GET",
        "reviews.shop",
        "/broken",
        &[("x-request-id", "broken")],
    );
    assert_eq!(
        (broken.status, broken.header("x-mesh-reason")),
        (418, Some("fault"))
    );
    let line = repository.line_of("mesh.yaml", "- name: broken");
    assert_eq!(
        page.log_line("broken")["origin"],
        format!("mesh.yaml:{line}")
    );
    let slow = page.call("GET", "reviews.shop", "/slow", &[]);
    assert_eq!(
        (slow.status, slow.header("x-mesh-reason")),
        (504, Some("timeout"))
    );
    for version in ["v1", "v2"] {
        assert!(
            mesh.workload(&format!("shop/reviews-{version}"))
                .log()
                .is_empty()
        );
    }
}

#[test]
fn a_browser_is_told_what_other_origins_may_do() {
    let (_repository, mesh) = shop();
    let page = mesh.workload("shop/page");
    let asks = |origin| {
        let headers = [("origin", origin), ("access-control-request-method", "PUT")];
        page.call("OPTIONS", "reviews.shop", "/script", &headers)
    };
    let allowed = asks("https://shop.example");
    assert_eq!(allowed.status, 204);
    let field = "access-control-allow-origin";
    assert_eq!(allowed.header(field), Some("https://shop.example"));
    assert_eq!(asks("https://other.example").status, 403);
    let sent = page.call(
        "PUT",
        "reviews.shop",
        "/script",
        &[("origin", "https://shop.example")],
    );
    assert_eq!(
        (sent.status, sent.header(field)),
        (200, Some("https://shop.example"))
    );
}

#[test]
fn a_feature_beyond_the_proxy_is_refused_before_it_runs() {
    let (repository, mesh) = shop();
    let before = repository.head();
    mesh.enforces(&before);
    repository.replace(
        "mesh.yaml",
        "loadBalancing: {policy: maglev, by: [\"header:end-user\"]}",
        "loadBalancing: {policy: ewma, slowStart: 30s}",
    );
    let commit = repository.commit("start slowly");
    mesh.commit_is(&commit, "rejected");
    eventually("what ran still runs", || {
        let answer = mesh
            .workload("shop/page")
            .call("GET", "reviews.shop", "/copied", &[]);
        answer.status == 200
    });
}
