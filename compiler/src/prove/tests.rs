use std::fmt::Write as _;

use mesh_ir::{CallerMatch, Name, Scope, ServiceRef, Target, Who};

use super::*;
use crate::testing::{NOW, prepared_set};
use crate::{Compiler, Options};

const CALLED: &str = "kind: Service
metadata: {name: called, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: called, namespace: shop}
spec: {all: namespace, allow: [{from: [{namespace: shop}]}]}
---
";

const EDGE: &str = "kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners:
    - {name: web, port: 80, hosts: [shop.example], redirect: {scheme: https}}
    - {name: tls, port: 443, hosts: [shop.example], tls: {certificate: {secret: x}}}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: called}]}]}
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: public}]}]}
";

fn mesh(text: &str) -> Mesh {
    let text = format!(
        "kind: Mesh
metadata: {{name: test}}
spec: {{trustDomain: test.example}}
---
{CALLED}{text}"
    );
    let set = prepared_set(&[("a.yaml", &text)]);
    let compilation = Compiler::new(Options::at(NOW)).compile(&set);
    let report = || crate::render::concise(&compilation.diagnostics, &compilation.sources);
    compilation.mesh.clone().ok_or_else(report).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn about(who: Who, scope: Scope) -> Claim {
    let target = Target {
        scope,
        ports: vec![],
        hosts: vec![],
    };
    Claim::asked(vec![CallerMatch::from(who)], vec![target], vec![])
}

/// Whether everybody in a namespace is always let through to the called service.
fn always(mesh: &Mesh, namespace: &str) -> Proof {
    let scope = Scope::Service(ServiceRef {
        namespace: name("shop"),
        name: name("called"),
    });
    let asked = about(Who::Namespace(name(namespace)), scope);
    claim(mesh, &asked, Must::Always, NOW)
}

fn callers(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let service = "kind: Service\nmetadata: {name: s";
        write!(
            text,
            "{service}{number}, namespace: shop}}\nspec: {{}}\n---\n"
        )
        .unwrap();
    }
    text
}

#[test]
fn whoever_does_not_see_it_is_found_among_many_callers() {
    let blind = "kind: Service
metadata: {name: blind, namespace: shop}
spec: {calls: [{service: other}]}
---
kind: Service
metadata: {name: other, namespace: shop}
spec: {ports: {http: 80}}
---
";
    for count in [2, 300] {
        let mesh = mesh(&format!("{blind}{}", callers(count)));
        let Proof::Refuted(shown) = always(&mesh, "shop") else {
            panic!("the service `blind` sees only another one");
        };
        assert_eq!(shown[0].from, "blind.shop");
    }
}

#[test]
fn nothing_is_always_let_through_where_nobody_calls() {
    let mesh = mesh(&callers(1));
    assert_eq!(always(&mesh, "shop"), Proof::Proved);
    assert!(matches!(always(&mesh, "nobody"), Proof::Undecided(_)));
}

#[test]
fn what_an_authorizer_is_asked_about_is_not_proved_to_be_let_through() {
    let asking = "kind: Service
metadata: {name: authz, namespace: shop}
spec: {ports: {grpc: 90}}
---
kind: Access
metadata: {name: asked, namespace: shop}
spec: {service: called, authorizer: {service: authz, protocol: grpc, match: [{paths: [/admin/**]}]}}
";
    let Proof::Undecided(why) = always(&mesh(asking), "shop") else {
        panic!("the authorizer may say no");
    };
    assert!(why[0].contains("only if authz.shop agrees"), "{why:?}");
}

#[test]
fn what_was_redirected_to_tls_is_widened_by_taking_it() {
    let (base, head) = (
        mesh(EDGE),
        mesh(&EDGE.replace(", redirect: {scheme: https}", "")),
    );
    assert!(matches!(only_narrows(&base, &head, NOW), Proof::Refuted(_)));
    assert_eq!(only_narrows(&head, &base, NOW), Proof::Proved);
}

#[test]
fn an_encoded_slash_that_is_judged_is_widened() {
    let service = |fields: &str| {
        mesh(&format!(
            "kind: Service
metadata: {{name: files, namespace: shop}}
spec: {{ports: {{http: 80}}{fields}}}
"
        ))
    };
    let (base, head) = (service(""), service(", encodedSlash: judge"));
    assert!(matches!(only_narrows(&base, &head, NOW), Proof::Refuted(_)));
    assert_eq!(only_narrows(&head, &base, NOW), Proof::Proved);
}

#[test]
fn a_claim_about_a_namespace_is_about_its_gateways_too() {
    let asked = about(Who::Anyone, Scope::Namespace(name("shop")));
    let Proof::Refuted(shown) = claim(&mesh(EDGE), &asked, Must::Never, NOW) else {
        panic!("the gateway takes everything");
    };
    let edge = shown.iter().find(|it| it.to == "edge.shop");
    let edge = edge.expect("the gateway is asked");
    assert_eq!(edge.outcome, "to called.shop http");
}
