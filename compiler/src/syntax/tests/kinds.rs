//! What single kinds promise of their values.

use serde_json::json;

use crate::syntax::ast::{
    Document, Expectation, Locality, Named, Near, StatusPattern, TestScheme, Who,
};
use crate::syntax::node::NodeKind;
use crate::syntax::testing::{check_annotated, only, parsed};

/// The only document of a kind that lives in a namespace.
#[track_caller]
fn object(kind: &str, spec: &str) -> Document {
    let head = "apiVersion: meshwright.dev/v1\nmetadata: {name: a, namespace: shop}\nkind: ";
    one(&format!("{head}{kind}\nspec: {spec}\n"))
}

#[track_caller]
fn one(text: &str) -> Document {
    let (mut parsed, _) = parsed(text.as_bytes());
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.documents.remove(0)
}

#[test]
fn the_claims_of_a_test_keep_their_types() {
    let spec = "{cases: [{name: a, from: {anyone: true}, expect: {forward: {}}, request: {
        url: 'http://a.shop', claims: {age: 7, text: \"7\", admin: true, list: [a, \"true\"], in: {side: -1}}}}]}";
    let Document::PolicyTest(test) = object("PolicyTest", spec) else {
        panic!("a test")
    };
    let claims = test.spec.cases[0].request.claims.as_ref().unwrap();
    let expected =
        json!({"age": 7, "text": "7", "admin": true, "list": ["a", "true"], "in": {"side": -1}});
    assert_eq!(serde_json::Value::from(claims.value.clone()), expected);
}

#[test]
fn a_test_without_claims_has_no_token_and_with_empty_ones_it_has() {
    let claims = |claims: &str| {
        let spec = format!(
            "{{cases: [{{name: a, from: {{service: b}}, request: {{url: 'tcp://a:1'{claims}}}, expect: {{refuse: {{}}}}}}]}}"
        );
        let Document::PolicyTest(test) = object("PolicyTest", &spec) else {
            panic!("a test")
        };
        let case = &test.spec.cases[0];
        assert_eq!(case.request.url.value.scheme, TestScheme::Tcp);
        assert!(matches!(case.from, Who::Service(_)));
        assert!(matches!(
            case.expect,
            Expectation::Refuse { status: None, .. }
        ));
        case.request
            .claims
            .as_ref()
            .map(|claims| claims.value.len())
    };
    assert_eq!(claims(""), None);
    assert_eq!(claims(", claims: {}"), Some(0));
}

#[test]
fn a_status_is_a_number_or_a_class() {
    let spec = "{all: namespace, accessLog: {when: {status: [5xx, 403]}}}";
    let Document::Telemetry(telemetry) = object("Telemetry", spec) else {
        panic!("telemetry")
    };
    let log = telemetry.spec.access_log.as_ref().unwrap();
    let statuses: Vec<_> = log.statuses.iter().map(|it| it.value).collect();
    let expected = [StatusPattern::Class(5), StatusPattern::Exactly(403)];
    assert_eq!(statuses, expected);
}

#[test]
fn near_places_come_in_their_order_or_with_shares() {
    let locality = |text: &str| {
        let spec = format!("{{loadBalancing: {{locality: {text}}}}}");
        let Document::Service(service) = object("Service", &spec) else {
            panic!("a service")
        };
        let balancing = service.spec.load_balancing.clone().unwrap();
        balancing.locality.unwrap()
    };
    let Locality::Failover(near) = locality("{failover: [zone, region]}") else {
        panic!("an order")
    };
    assert!(
        near.iter()
            .map(|it| it.value)
            .eq([Near::Zone, Near::Region])
    );
    let shares = locality("{weights: {zone: 9, elsewhere: 1}}");
    let Locality::Weights {
        zone,
        region,
        elsewhere,
        span: _,
    } = shares
    else {
        panic!("shares")
    };
    assert_eq!((zone, region, elsewhere), (9, 0, 1));
}

#[test]
fn a_patch_keeps_what_it_merges_as_written() {
    let text = "apiVersion: meshwright.dev/v1\nkind: Environment\nmetadata: {name: staging}\nspec:\n  variables: {host: a.example}\n  patches:\n    - target: {kind: Service, name: a, namespace: shop}\n      merge: {limits: {connections: 100}, hosts: [$(host)]}\n";
    let (parsed, sources) = parsed(text.as_bytes());
    assert_eq!(parsed.diagnostics, []);
    let [Document::Environment(environment)] = parsed.documents.as_slice() else {
        panic!("an environment")
    };
    let [Named { name, value }] = environment.spec.variables.as_slice() else {
        panic!("a variable")
    };
    assert_eq!(
        (name.value.as_str(), value.value.as_str()),
        ("host", "a.example")
    );
    let merge = &environment.spec.patches[0].merge;
    assert_eq!(
        sources.excerpt(merge.span),
        "{limits: {connections: 100}, hosts: [$(host)]}"
    );
    let NodeKind::Map(entries) = &merge.kind else {
        panic!("a mapping")
    };
    assert!(entries.iter().map(|it| &*it.key).eq(["limits", "hosts"]));
}

#[test]
fn a_token_is_reason_enough_to_let_anyone_in() {
    check_annotated(
        b"apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: a, namespace: shop}
spec:
  gateway: edge
  allow:
    - from: [{anyone: true, token: {issuer: corp}}]
    - from: [{anyone: true, reason: public}]
    - from: [{anyone: true}] # expect: M0102
",
    );
}

#[test]
fn a_route_of_a_gateway_says_which_hosts_and_may_choose_by_address() {
    check_annotated(
        b"apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: a, namespace: shop}
spec:
  gateway: edge # expect: M0102
  rules: [{from: [{anyone: true, cidr: 10.0.0.0/8}], to: [{service: a}]}]
---
apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: b, namespace: shop}
spec:
  gateway: edge
  hosts: [shop.example]
  rules: [{from: [{anyone: true, cidr: 10.0.0.0/8}], to: [{service: a}]}]
",
    );
}

#[test]
fn a_header_that_readers_take_for_a_boolean_is_quoted() {
    let text = "apiVersion: meshwright.dev/v1\nkind: Route\nmetadata: {name: a, namespace: b}\nspec:\n  service: a\n  rules: [{headers: {request: {remove: [on]}}}]\n";
    assert_eq!(only(text.as_bytes()).code.to_string(), "M0009");
}

#[test]
fn a_hash_needs_something_to_hash() {
    check_annotated(
        b"apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: a, namespace: shop}
spec:
  loadBalancing:
    policy: maglev # expect: M0102
---
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: a}
spec:
  trustDomain: a.example
  defaults:
    loadBalancing: {policy: maglev} # expect: M0106
",
    );
}
