use super::*;

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

const EDGE: &str = "kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {listeners: [{name: web, port: 443, hosts: [a.example.com], tls: {certificate: {secret: a}}}]}
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: public}]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: ['*.example.com'], rules: [{to: [{service: reviews}]}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{gateway: edge}]}]}
";

#[test]
fn another_host_of_a_listener_opens_it_and_closes_the_old_one() {
    let found = between(EDGE, &EDGE.replace("a.example.com", "b.example.com"));
    assert_eq!(found.undecided, [], "{:#?}", said(&found));
    let there = "not there: no listener takes it";
    let expected = [
        (
            ChangeKind::Opened,
            format!("outside -> edge.shop GET https://b.example.com/: {there} | allowed"),
        ),
        (
            ChangeKind::Closed,
            format!("outside -> edge.shop GET https://a.example.com/: allowed | {there}"),
        ),
    ];
    assert_eq!(said(&found), expected);
}

#[test]
fn who_comes_into_view_of_an_external_service_is_opened_to() {
    let external = "kind: ExternalService
metadata: {name: ext, namespace: shop}
spec: {hosts: [ext.example.com], ports: {http: 80}}
---
kind: Access
metadata: {name: ext, namespace: shop}
spec: {external: ext, allow: [{from: [{service: page}]}]}
";
    let wider = external.replace("{service: page}", "{namespace: shop}");
    let (kind, line) = one(external, &wider);
    assert_eq!(kind, ChangeKind::Opened);
    assert!(line.contains("GET http://ext.example.com/"), "{line}");
}

#[test]
fn an_exception_that_ends_later_opens_then() {
    let until = |day: &str| {
        OPEN.replace(
            "[{from: [{service: page}]}]",
            &format!("[{{from: [{{service: page}}], exception: {{owner: a, reason: b, expires: {day}}}}}]"),
        )
    };
    let (kind, line) = one(&until("2027-01-01"), &until("2028-01-01"));
    assert_eq!(kind, ChangeKind::Opened);
    assert!(
        line.contains("refused: no allow entry | allowed, from 2027-01-0"),
        "{line}"
    );
    let (kind, _) = one(&until("2028-01-01"), &until("2027-01-01"));
    assert_eq!(kind, ChangeKind::Closed);
    let found = between(
        &until("2027-01-01"),
        &format!("# moved\n{}", until("2027-01-01")),
    );
    assert!(found.is_empty(), "{:#?}", said(&found));
}

#[test]
fn bounds_of_a_call_are_at_the_line_of_the_call() {
    let calls = |timeout: &str| {
        format!(
            "{OPEN}kind: Service
metadata: {{name: client, namespace: shop}}
spec:
  calls:
    - {{service: reviews, timeout: {timeout}}}
"
        )
        .replace("{service: page}]", "{service: page}, {service: client}]")
    };
    let found = between(&calls("1s"), &calls("2s"));
    let [change] = &found.changes[..] else {
        panic!("{:#?}", said(&found));
    };
    let at = SHOP.lines().count() + calls("1s").lines().count();
    for lines in [&change.lines.base, &change.lines.head] {
        let called = lines.last().and_then(|it| it.rsplit_once(':'));
        let number: usize = called.unwrap().1.parse().unwrap();
        // `apiVersion` is put before each document.
        assert!(lines.len() == 2 && number >= at, "{lines:?}");
    }
}

#[test]
fn a_name_of_a_service_is_shown_by_a_request_to_it() {
    let named = format!(
        "{OPEN}kind: Service
metadata: {{name: extra, namespace: shop}}
spec: {{ports: {{http: 80}}, hosts: [extra.internal]}}
---
kind: Access
metadata: {{name: extra, namespace: shop}}
spec: {{service: extra, allow: [{{from: [{{service: page}}]}}]}}
"
    );
    let texts = [&named, &named.replace("extra.internal", "more.internal")];
    let found = between(texts[0], texts[1]);
    let meshes = texts.map(|it| mesh(&format!("{SHOP}{it}")).unwrap());
    assert_eq!(found.changes.len(), 2, "{:#?}", said(&found));
    let caller = mesh_ir::SpiffeId::parse("spiffe://test.example/ns/shop/sa/page").unwrap();
    for change in &found.changes {
        assert_eq!(change.from, "page.shop");
        let host = change.witness.url.trim_start_matches("http://");
        let host = host.trim_end_matches('/').as_bytes().to_vec();
        let outcomes = meshes.each_ref().map(|mesh| {
            let simulator = crate::simulate::Simulator::new(mesh);
            let head = crate::simulate::Head {
                method: b"GET".to_vec(),
                target: b"/".to_vec(),
                headers: vec![("host".to_owned(), host.clone())],
            };
            let message = crate::simulate::Message::Request(head);
            let caller = simulator.caller(caller.clone());
            let question = crate::simulate::Question::new(caller, message, NOW);
            simulator.ask(&question).map(|it| it.outcome)
        });
        assert_ne!(outcomes[0], outcomes[1], "{}", change.witness);
    }
}

#[test]
fn what_is_said_in_some_environments_is_no_field_of_the_json() {
    let name = |text| Some(mesh_ir::Name::parse(text).unwrap());
    let found = between("", OPEN);
    let merged = Diff::merged(vec![
        (name("prod"), Diff::default()),
        (name("staging"), found),
    ]);
    let json = serde_json::to_value(merged.with_places()).unwrap();
    let change = json["changes"][0].as_object().unwrap();
    let names: Vec<_> = change.keys().map(String::as_str).collect();
    let contract = ["after", "before", "from", "kind", "lines", "to", "witness"];
    assert_eq!(names, contract);
    assert_eq!(change["after"], "allowed (in staging)");
}
