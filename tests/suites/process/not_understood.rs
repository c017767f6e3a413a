//! A proxy refuses what it does not understand, and what an impostor says.

use std::process::Command;
use std::sync::Arc;

use mesh_compiler::{Compiler, Options, SourceFile, SourceSet};
use mesh_ir::{
    CommitId, Epoch, InboundListener, Listeners, MemberKind, Mesh, Name, ServiceRef, SpiffeId,
    Timestamp, TrustDomain, TrustRoots,
};
use mesh_tests::played_operator::{Authority, PlayedOperator};
use mesh_tests::{Running, eventually, mesh_binary, send};
use mesh_xds::RoleBundle;
use mesh_xds::session::Desired;

const INTENTS: &str = r#"
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {ports: {http: 80}}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: page, namespace: shop}
spec:
  service: page
  allow: [{from: [{service: page}]}]
---
apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: page, namespace: shop}
spec:
  service: page
  rules:
    - {name: answer, match: [{paths: [/answer]}], respond: {status: 200, body: "BODY"}}
"#;

fn compile(body: &str) -> Mesh {
    let file = SourceFile {
        path: "mesh.yaml".into(),
        content: INTENTS.replace("BODY", body).into_bytes().into(),
    };
    let set = SourceSet {
        files: vec![file],
        ..SourceSet::default()
    };
    let compilation = Compiler::new(Options::at(Timestamp(0))).compile(&set);
    assert!(compilation.mesh.is_some(), "{:?}", compilation.diagnostics);
    compilation.mesh.unwrap()
}

fn page() -> ServiceRef {
    ServiceRef {
        namespace: Name::parse("shop").unwrap(),
        name: Name::parse("page").unwrap(),
    }
}

fn identity() -> SpiffeId {
    SpiffeId::parse("spiffe://shop.example/ns/shop/sa/page").unwrap()
}

/// What the one proxy is given for a body, by an operator that knows more than it
/// (`newer`: a field at the end of the route that this version does not have).
fn desired(
    authority: &Authority,
    listeners: &Listeners,
    epoch: u64,
    body: &str,
    newer: bool,
) -> Desired {
    let mesh = compile(body);
    let role = mesh.role(&identity(), &[page()]).expect("the page's role");
    let mut role = RoleBundle::of(
        &mesh,
        role,
        Epoch(epoch),
        CommitId(format!("commit-{epoch}").into()),
    );
    if newer {
        let mut members = role.members.to_vec();
        let route = members
            .iter_mut()
            .find(|member| member.kind == MemberKind::Route)
            .expect("a route");
        // Field 1000, varint 1.
        route.bytes = [&route.bytes[..], &[0xC0, 0x3E, 0x01]].concat().into();
        route.version = mesh_xds::hash(&route.bytes);
        role.bundle.digest = mesh_xds::digest(&members);
        role.members = members.into();
    }
    let roots = TrustRoots {
        trust_domain: TrustDomain::parse("shop.example").unwrap(),
        roots: vec![authority.root_der()],
    };
    Desired::of_role(&role)
        .with_trust_roots(&roots)
        .with_listeners(listeners)
}

fn free() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Starts the one proxy with a token; what it says goes to `stderr` in `state`.
fn start_proxy(operator: &PlayedOperator, token: &str, state: &std::path::Path) -> Running {
    let file = state.join("token");
    std::fs::write(&file, token).unwrap();
    let mut command = Command::new(mesh_binary());
    command
        .args([
            "proxy",
            "--workload",
            "shop/page",
            "--operator",
            &operator.address.to_string(),
            "--token-file",
        ])
        .arg(&file)
        .arg("--state-dir")
        .arg(state.join("proxy"))
        .stderr(std::fs::File::create(state.join("stderr")).unwrap());
    Running::start(&mut command)
}

#[test]
fn a_member_with_an_unknown_field_is_refused_and_traffic_is_unchanged() {
    let state = tempfile::tempdir().unwrap();
    let authority = Arc::new(Authority::new("shop.example"));
    let outbound = free();
    let inbound = InboundListener {
        service: page(),
        port: Name::parse("http").unwrap(),
        listen: free(),
        application: free(),
    };
    let listeners = Listeners {
        workload: "shop/page".to_owned(),
        admin: Some(free()),
        inbound: vec![inbound],
        outbound: Some(outbound),
        tcp: vec![],
    };
    let operator = PlayedOperator::start(
        Arc::clone(&authority),
        &identity().to_string(),
        desired(&authority, &listeners, 1, "one", false),
    );
    let _proxy = start_proxy(&operator, &operator.token, state.path());
    let says = |body: &str| {
        send(&outbound.to_string(), "GET", "page.shop", "/answer", &[])
            .is_ok_and(|answer| answer.status == 200 && answer.body == body.as_bytes())
    };
    eventually("the first bundle is enforced", || says("one"));

    operator.publish(desired(&authority, &listeners, 2, "two", true));
    eventually("the bundle is refused, by the name of the member", || {
        operator.refused().contains("Route shop/page")
    });
    assert!(says("one"), "traffic is decided by the last good bundle");

    operator.publish(desired(&authority, &listeners, 3, "three", false));
    eventually("the next good bundle is enforced", || says("three"));

    operator.publish(desired(&authority, &listeners, 1, "four", false));
    eventually("a lower epoch is refused", || {
        operator.refused().contains("epoch")
    });
    assert!(says("three"));
}

#[test]
fn an_impostor_operator_is_given_no_token() {
    let state = tempfile::tempdir().unwrap();
    let (real, impostor) = (
        Authority::new("shop.example"),
        Arc::new(Authority::new("shop.example")),
    );
    let listeners = Listeners {
        workload: "shop/page".to_owned(),
        admin: None,
        inbound: vec![],
        outbound: None,
        tcp: vec![],
    };
    let operator = PlayedOperator::start(
        Arc::clone(&impostor),
        &identity().to_string(),
        desired(&impostor, &listeners, 1, "evil", false),
    );
    // The token speaks of the real root; whoever answers has another.
    let token = format!("id.secret.{}", real.root_hash());
    let _proxy = start_proxy(&operator, &token, state.path());
    eventually("the proxy says whom it met", || {
        let said = std::fs::read_to_string(state.path().join("stderr")).unwrap_or_default();
        said.contains("operator") && said.to_lowercase().contains("root")
    });
    assert!(
        operator.tokens_seen.lock().unwrap().is_empty(),
        "no token was said"
    );
}
