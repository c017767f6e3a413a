use super::*;

const OPEN: &str = "kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{service: page}]}]}
---
";

fn one(before: &str, after: &str) -> (ChangeKind, String) {
    let found = between(before, after);
    assert_eq!(found.undecided, [], "{:?}", said(&found));
    let mut said = said(&found);
    assert_eq!(said.len(), 1, "{said:#?}");
    said.remove(0)
}

#[track_caller]
fn is(before: &str, after: &str, kind: ChangeKind, line: &str) {
    assert_eq!(one(before, after), (kind, line.to_owned()));
}

#[test]
fn an_allow_for_another_path_opens_it() {
    let narrow = OPEN.replace(
        "{service: page}]",
        "{service: page}], match: [{paths: [/a]}]",
    );
    is(
        &narrow,
        OPEN,
        ChangeKind::Opened,
        "page.shop -> reviews.shop GET http://reviews.shop/: refused: no allow entry | allowed",
    );
    assert_eq!(one(OPEN, &narrow).0, ChangeKind::Closed);
}

#[test]
fn moved_and_renamed_rules_are_no_change() {
    let before = format!(
        "{OPEN}kind: Route
metadata: {{name: reviews, namespace: shop}}
spec:
  service: reviews
  rules:
    - {{name: a, match: [{{paths: [/a]}}], to: [{{version: v1, weight: 1}}, {{version: v2, weight: 1}}]}}
    - {{name: b, match: [{{methods: [GET]}}], priority: 1, to: [{{version: v1}}]}}
"
    );
    let after = before
        .replace("name: a,", "name: c,")
        .replace("weight: 1", "weight: 50")
        .replace("    - {name: c", "\n\n    - {name: c");
    let found = between(&before, &after);
    assert!(found.is_empty(), "{:#?}", said(&found));
    assert_eq!(found.text(), "no behavioural change\n");
    let moved = between(&before, &format!("# here\n{before}"));
    assert!(moved.is_empty() && moved.workloads.is_empty());
}

#[test]
fn weights_reroute_and_timeouts_retime() {
    let route = |rule: &str| {
        format!(
            "{OPEN}kind: Route
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, rules: [{rule}]}}
"
        )
    };
    let even = route("{to: [{version: v1, weight: 1}, {version: v2, weight: 1}]}");
    let third = route("{to: [{version: v1, weight: 1}, {version: v2, weight: 2}]}");
    is(
        &even,
        &third,
        ChangeKind::Rerouted,
        "page.shop -> reviews.shop GET http://reviews.shop/: to 50% v1, 50% v2 | to 1/3 v1, 2/3 v2",
    );
    let slow = route("{to: [{version: v1}]}");
    let fast = route("{to: [{version: v1}], timeout: 1s}");
    let (kind, line) = one(&slow, &fast);
    assert_eq!(kind, ChangeKind::Retimed);
    assert!(
        line.contains("timeout 15s, per try none") && line.contains("| timeout 1s"),
        "{line}"
    );
    let (kind, _) = one(
        &slow,
        &route("{match: [{paths: [/a]}], to: [{version: v1}]}"),
    );
    assert_eq!(kind, ChangeKind::Closed);
}

#[test]
fn limits_count_by_what_they_do() {
    let limit = |rate: &str| {
        format!(
            "{OPEN}kind: RateLimit
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, limits: [{{match: [{{methods: [POST]}}], rate: {rate}}}]}}
"
        )
    };
    let (kind, line) = one(&limit("100/s"), &limit("200/s"));
    assert_eq!(kind, ChangeKind::Relimited);
    assert!(line.contains("POST http://reviews.shop/: 100/s"), "{line}");
    assert_eq!(one(OPEN, &limit("1/s")).0, ChangeKind::Relimited);
}

#[test]
fn audit_and_shadow_are_said_apart() {
    let audit = OPEN.replace("allow:", "audit: [{match: [{methods: [DELETE]}]}], allow:");
    let (kind, line) = one(OPEN, &audit);
    assert_eq!(kind, ChangeKind::Audited);
    assert!(line.contains("DELETE"), "{line}");
    let shadow = format!(
        "{OPEN}kind: Access
metadata: {{name: tried, namespace: shop}}
spec: {{service: reviews, shadow: true, deny: [{{match: [{{paths: [/admin/**]}}]}}]}}
"
    );
    let (kind, line) = one(OPEN, &shadow);
    assert_eq!(kind, ChangeKind::Shadowed);
    assert!(line.ends_with("as enforced | would be refused"), "{line}");
}

#[test]
fn a_port_that_takes_plain_text_is_said_to() {
    let strict = "kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: db, namespace: shop}
spec: {service: db, allow: [{from: [{anyone: true, reason: all}]}]}
";
    let permissive = strict.replace(
        "{http: 80}",
        "{http: {port: 80, mtls: {mode: permissive, exception: {owner: a, reason: b, expires: 2099-01-01}}}}",
    );
    let found = between(strict, &permissive);
    let plain = found.changes.iter().filter(|it| it.plaintext);
    assert_eq!(plain.count(), 2, "{:#?}", said(&found));
    let back = between(&permissive, strict);
    assert!(!back.changes.iter().any(|it| it.plaintext));
}

#[test]
fn a_caller_of_nothing_else_is_named_when_its_bounds_change() {
    let calls = |timeout: &str| {
        format!(
            "kind: Service
metadata: {{name: client, namespace: shop}}
spec: {{calls: [{{service: reviews, timeout: {timeout}}}]}}
---
kind: Access
metadata: {{name: reviews, namespace: shop}}
spec: {{service: reviews, allow: [{{from: [{{namespace: shop}}]}}]}}
"
        )
    };
    let (kind, line) = one(&calls("1s"), &calls("2s"));
    assert_eq!(kind, ChangeKind::Retimed);
    assert!(line.starts_with("client.shop -> reviews.shop"), "{line}");
}
