//! Changes that once went unseen.

use super::*;

#[test]
fn services_that_share_an_account_are_compared_each_by_itself() {
    let services = |calls: &str| {
        format!(
            "kind: Service
metadata: {{name: a, namespace: shop}}
spec: {{accounts: [shared], calls: [{{service: reviews}}]}}
---
kind: Service
metadata: {{name: b, namespace: shop}}
spec: {{accounts: [shared], calls: [{calls}]}}
---
kind: Access
metadata: {{name: all, namespace: shop}}
spec: {{all: namespace, allow: [{{from: [{{namespace: shop}}]}}]}}
"
        )
    };
    let one_call = services("{service: reviews}");
    is(
        &one_call,
        &services("{service: reviews}, {service: ratings}"),
        ChangeKind::Opened,
        "b.shop -> ratings.shop GET http://ratings.shop/: 403 not-visible | in view",
    );
    let bounded = services("{service: reviews, timeout: 1s}");
    assert_eq!(one(&one_call, &bounded).0, ChangeKind::Retimed);
}

#[test]
fn what_a_list_of_calls_opens_is_said_beside_what_access_opens() {
    let open = |calls: &str, from: &str| {
        format!(
            "kind: Service
metadata: {{name: narrow, namespace: shop}}
spec: {{calls: [{calls}]}}
---
kind: Access
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, allow: [{{from: [{from}]}}]}}
"
        )
    };
    let before = open("{service: ratings}", "{service: narrow}");
    let after = open(
        "{service: ratings}, {service: reviews}",
        "{service: narrow}, {service: other}",
    );
    let found = between(&before, &after);
    let from: Vec<_> = found.changes.iter().map(|it| it.from.as_str()).collect();
    assert_eq!(from, ["narrow.shop", "other.shop"], "{:#?}", said(&found));
}

#[test]
fn limits_that_are_one_bucket_now_count_together() {
    let limits = |limits: &str| {
        format!(
            "{OPEN}kind: RateLimit
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, limits: [{limits}]}}
"
        )
    };
    let apart = limits(
        "{match: [{paths: [/a]}], rate: 10/s}, {name: b, match: [{paths: [/b]}], rate: 10/s}",
    );
    let together = limits("{match: [{paths: [/a, /b]}], rate: 10/s}");
    let found = between(&apart, &together);
    let lines: Vec<_> = said(&found).into_iter().map(|(_, line)| line).collect();
    let counted = "10/s, burst 10 | 10/s, burst 10, counted together with more requests";
    let expected = ["a", "b"]
        .map(|path| format!("page.shop -> reviews.shop GET http://reviews.shop/{path}: {counted}"));
    assert_eq!(lines, expected);
    let back = between(&together, &apart);
    assert_eq!(back.count(ChangeKind::Relimited), 2, "{:#?}", said(&back));
    let renamed = between(&apart, &apart.replace("name: b, ", ""));
    assert!(renamed.is_empty(), "{:#?}", said(&renamed));
}

#[test]
fn what_was_answered_400_and_paths_of_probes_are_opened() {
    let service = |fields: &str| {
        format!(
            "{OPEN}kind: Service
metadata: {{name: more, namespace: shop}}
spec: {{ports: {{http: 80}}{fields}}}
"
        )
    };
    let plain = service("");
    let judged = service(", encodedSlash: judge");
    is(
        &plain,
        &judged,
        ChangeKind::Opened,
        "anyone -> more.shop GET http://more.shop/a%2Fb: an encoded slash is refused | an encoded slash is judged",
    );
    assert_eq!(one(&judged, &plain).0, ChangeKind::Closed);
    let probed = service(", probes: {http: [/ready]}");
    is(
        &plain,
        &probed,
        ChangeKind::Opened,
        "anyone -> more.shop GET http://more.shop/ready: none | /ready on the port of probes",
    );
    assert_eq!(one(&probed, &plain).0, ChangeKind::Closed);
    let asked = service(", health: {port: http, http: /healthz}");
    assert_eq!(one(&plain, &asked).0, ChangeKind::Rerouted);
}

#[test]
fn whoever_exists_shows_a_change_for_all_that_nobody_names() {
    let text = |from: &str| {
        format!(
            "kind: Service
metadata: {{name: alone, namespace: shop}}
spec: {{}}
---
kind: Access
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, allow: [{{from: [{from}]}}]}}
"
        )
    };
    let (before, after) = (text("{authenticated: true}"), text("{service: alone}"));
    is(
        &before,
        &after,
        ChangeKind::Closed,
        "other.shop -> reviews.shop GET http://reviews.shop/: allowed | refused: no allow entry",
    );
}

#[test]
fn an_authorizer_that_no_longer_fails_open_closes() {
    let text = |failure: &str| {
        format!(
            "{OPEN}kind: Service
metadata: {{name: authz, namespace: shop}}
spec: {{ports: {{grpc: 90}}}}
---
kind: Access
metadata: {{name: asked, namespace: shop}}
spec: {{service: reviews, authorizer: {{service: authz, protocol: grpc{failure}}}}}
---
kind: Access
metadata: {{name: authz, namespace: shop}}
spec: {{service: authz, allow: [{{from: [{{service: reviews}}]}}]}}
"
        )
    };
    let open = ", onFailure: allow, exception: {owner: a, reason: b, expires: 2099-01-01}";
    let (open, closed) = (text(open), text(""));
    assert_eq!(one(&closed, &open).0, ChangeKind::Opened);
    assert_eq!(one(&open, &closed).0, ChangeKind::Closed);
}

#[test]
fn another_host_of_an_external_service_is_opened() {
    let external = |hosts: &str| {
        format!(
            "kind: ExternalService
metadata: {{name: pay, namespace: shop}}
spec: {{hosts: [{hosts}], ports: {{http: {{port: 80, targetPort: 443}}}}, tls: {{}}}}
---
kind: Access
metadata: {{name: pay, namespace: shop}}
spec: {{external: pay, allow: [{{from: [{{service: page}}]}}]}}
"
        )
    };
    let (one_host, more) = (
        external("api.pay.example"),
        external("api.pay.example, \"*.eu.pay.example\""),
    );
    is(
        &one_host,
        &more,
        ChangeKind::Opened,
        "page.shop -> pay.shop GET http://x.eu.pay.example/: none | host *.eu.pay.example",
    );
    assert_eq!(one(&more, &one_host).0, ChangeKind::Closed);
}
