use serde_json::json;

use super::*;
use crate::testing::{NOW, mesh_of};

const INTENTS: &str = r#"
kind: Service
metadata: {name: page, namespace: shop}
spec: {accounts: [page, page-canary]}
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 9080}
  versions: {v1: {}, v3: {}}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules:
    - name: everyone
      match: [{paths: [/reviews/**]}]
      to: [{version: v1, weight: 90}, {version: v3, weight: 10}]
      headers: {request: {set: {x-track: stable}, remove: [x-debug]}}
      timeout: 3s
---
kind: TokenIssuer
metadata: {name: corp, namespace: shop}
spec:
  issuer: https://id.example
  audiences: [shop]
  keys: {inline: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - name: page-reads
      from: [{service: page}]
      match: [{methods: [GET]}]
    - name: staff-writes
      from: [{authenticated: true, token: {issuer: corp, claims: {groups: staff}}}]
      match: [{methods: [POST]}]
    - name: edge
      from: [{gateway: edge}]
      match: [{paths: [/reviews/*]}]
---
kind: RateLimit
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  limits: [{name: reads, rate: 1/h, burst: 1, match: [{methods: [GET]}]}]
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  accounts: [edge]
  listeners: [{name: web, port: 80, protocol: http, hosts: [shop.example]}]
---
kind: Access
metadata: {name: edge, namespace: shop}
spec:
  gateway: edge
  allow: [{name: everybody, from: [{anyone: true, reason: a public shop}], match: [{methods: [GET]}]}]
---
kind: Route
metadata: {name: edge, namespace: shop}
spec:
  gateway: edge
  hosts: [shop.example]
  rules: [{name: shop, match: [{paths: [/reviews/**]}], to: [{service: reviews}]}]
"#;

fn head(method: &str, host: &str, target: &str) -> Head {
    Head {
        method: method.into(),
        target: target.into(),
        headers: vec![
            ("host".to_owned(), host.into()),
            ("x-debug".to_owned(), b"1".to_vec()),
        ],
    }
}

fn service(name: &str) -> ServiceRef {
    ServiceRef {
        namespace: Name::parse("shop").unwrap(),
        name: Name::parse(name).unwrap(),
    }
}

fn ask(from: impl Fn(&Simulator<'_>) -> Caller, head: Head, token: Option<Token>) -> Verdict {
    let mesh = mesh_of(INTENTS);
    let simulator = Simulator::new(&mesh);
    let mut question = Question::new(from(&simulator), Message::Request(head), NOW);
    question.tokens.extend(token);
    simulator.ask(&question).unwrap()
}

fn page(simulator: &Simulator<'_>) -> Caller {
    simulator.callers_of(&service("page")).unwrap().remove(0)
}

fn rule(report: Option<&RuleReport>) -> &str {
    report.and_then(|it| it.rule.as_deref()).unwrap_or("none")
}

#[test]
fn a_service_is_as_many_callers_as_it_has_accounts() {
    let mesh = mesh_of(INTENTS);
    let simulator = Simulator::new(&mesh);
    assert_eq!(simulator.callers_of(&service("page")).unwrap().len(), 2);
    let all = simulator.callers_in(&Name::parse("shop").unwrap());
    assert_eq!(
        all.len(),
        4,
        "two of the page, reviews, and the gateway: {all:?}"
    );
    let nobody = simulator.callers_of(&service("nobody"));
    assert_eq!(nobody, Err(Unanswerable::NoService(service("nobody"))));
}

#[test]
fn what_is_forwarded_is_told_as_the_callee_gets_it() {
    let verdict = ask(page, head("GET", "reviews.shop", "/reviews/7"), None);
    assert_eq!(verdict.outcome, Outcome::Forward);
    assert_eq!(rule(verdict.rule.as_ref()), "everyone");
    assert_eq!(rule(verdict.allowed_by.as_ref()), "page-reads");
    assert_eq!(rule(verdict.limits.first()), "reads");
    let forwarded = verdict.forwarded.unwrap();
    let has = |name: &str| forwarded.headers.iter().any(|(it, _)| it == name);
    assert!(has("x-track") && !has("x-debug"), "{:?}", forwarded.headers);
    assert_eq!(serde_json::to_value(&forwarded).unwrap()["timeout"], "3s");
}

#[test]
fn each_question_is_asked_of_a_mesh_where_nothing_has_happened() {
    let mesh = mesh_of(INTENTS);
    let simulator = Simulator::new(&mesh);
    let message = Message::Request(head("GET", "reviews.shop", "/reviews/7"));
    let question = Question::new(page(&simulator), message, NOW);
    let first = simulator.ask(&question).unwrap();
    assert_eq!(simulator.ask(&question).unwrap(), first);
}

#[test]
fn a_token_is_as_good_as_what_it_is_said_to_claim() {
    let write = || head("POST", "reviews.shop", "/reviews/7");
    let token = |group: &str| {
        let claims = json!({"groups": [group]});
        Some(Token {
            issuer: None,
            claims: claims.as_object().unwrap().clone(),
        })
    };
    let verdict = ask(page, write(), token("staff"));
    assert_eq!(
        rule(verdict.allowed_by.as_ref()),
        "staff-writes",
        "{verdict}"
    );
    let verdict = ask(page, write(), token("guests"));
    assert_eq!(
        (verdict.outcome, verdict.status),
        (Outcome::Deny, Some(403))
    );
    let verdict = ask(page, write(), None);
    assert_eq!((verdict.reason, verdict.status), (Some("token"), Some(401)));
}

#[test]
fn a_client_outside_is_judged_at_the_door_and_behind_it() {
    let outside = |_: &Simulator<'_>| Caller::outside();
    let verdict = ask(outside, head("GET", "shop.example", "/reviews/7"), None);
    assert_eq!(verdict.outcome, Outcome::Forward, "{verdict}");
    assert_eq!(verdict.gateway.as_deref(), Some("shop/edge"));
    assert_eq!(rule(verdict.allowed_by.as_ref()), "edge");
    assert_eq!(verdict.let_through_by.len(), 1);
    let rules: Vec<_> = verdict.rules.iter().map(|it| rule(Some(it))).collect();
    assert_eq!(rules, ["shop", "everyone"]);
    assert_eq!(verdict.versions.get("v3"), Some(&10));
    let at: Vec<At> = verdict.steps.iter().map(|step| step.at).collect();
    assert!(at.contains(&At::Gateway) && at.contains(&At::Callee));
    let verdict = ask(outside, head("POST", "shop.example", "/reviews/7"), None);
    assert_eq!(verdict.outcome, Outcome::Deny);
    let verdict = ask(outside, head("GET", "shop.example", "/reviews/7/all"), None);
    assert_eq!(verdict.outcome, Outcome::Deny, "behind the door: {verdict}");
    assert_eq!(verdict.gateway.as_deref(), Some("shop/edge"));
}

#[test]
fn who_has_no_proxy_is_judged_by_the_receiver_alone() {
    let foreign = |simulator: &Simulator<'_>| {
        simulator.caller(SpiffeId::parse("spiffe://other.example/ns/x/sa/y").unwrap())
    };
    let verdict = ask(foreign, head("GET", "reviews.shop", "/reviews/7"), None);
    assert_eq!(verdict.outcome, Outcome::Deny);
    assert!(verdict.steps.iter().all(|step| step.at == At::Callee));
}
