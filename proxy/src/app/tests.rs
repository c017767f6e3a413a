use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use mesh_ir::{
    AccessDefault, Bundle, CommitId, DefaultAccess, Epoch, Listeners, Member, Origin, Percent,
    Role, Settings, SpiffeId, TrustDomain,
};
use mesh_xds::proto::discovery::{Any, DeltaDiscoveryResponse, Resource};
use mesh_xds::{
    BUNDLE_NAME, BUNDLE_TYPE, LISTENERS_TYPE, ResourceType, digest, encode_bundle,
    encode_listeners, encode_member, hash,
};

use super::scripted::{DOMAIN, Scripted, Stream, WEB};
use super::*;
use crate::config::LogFormat;
use crate::telemetry::AccessLogTarget;

const WORKLOAD: &str = "shop/web";

fn free_address() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap()
}

fn config(state: &Path, operator: &Scripted, admin: SocketAddr) -> ProxyConfig {
    let token_file = state.with_extension("token");
    std::fs::write(&token_file, operator.token()).unwrap();
    ProxyConfig {
        workload: WORKLOAD.to_owned(),
        operator: operator.address.to_string(),
        token_file: Some(token_file),
        state_dir: state.to_owned(),
        workers: std::num::NonZeroUsize::MIN,
        access_log: AccessLogTarget::Off,
        admin: Some(admin),
        drain: Duration::ZERO,
        log: "off".to_owned(),
        log_format: LogFormat::Text,
    }
}

fn members() -> Vec<Member> {
    let origin = Origin::new("mesh.yaml", 1, 1);
    vec![
        Member::Settings(Settings {
            origin: origin.clone(),
            trust_domain: TrustDomain::parse(DOMAIN).unwrap(),
            access: AccessDefault {
                mode: DefaultAccess::Deny,
                origin,
            },
            namespaces: vec![],
            certificate_lifetime: Duration::from_hours(1),
            renew_at: Percent(50_000),
            otlp: None,
        }),
        Member::Role(Role {
            identity: SpiffeId::parse(WEB).unwrap(),
            serves: vec![],
            gateways: vec![],
            calls: [].into(),
            externals: [].into(),
        }),
    ]
}

fn response(type_url: &str, name: &str, body: &[u8]) -> DeltaDiscoveryResponse {
    DeltaDiscoveryResponse {
        type_url: type_url.to_owned(),
        nonce: format!("{type_url}#{name}"),
        resources: vec![Resource {
            version: hash(body).to_string(),
            name: name.to_owned(),
            resource: Some(Any {
                type_url: type_url.to_owned(),
                value: body.to_vec().into(),
            }),
        }],
        ..DeltaDiscoveryResponse::default()
    }
}

fn bundle(epoch: u64) -> Bundle {
    let encoded: Vec<_> = members().iter().map(encode_member).collect();
    Bundle {
        epoch: Epoch(epoch),
        commit: CommitId(format!("commit-{epoch}").into()),
        digest: digest(&encoded),
    }
}

fn offer(stream: &Stream, bundle: &Bundle) {
    stream.send(response(BUNDLE_TYPE, BUNDLE_NAME, &encode_bundle(bundle)));
}

/// The refusal of the answer about a type; `None` for an acknowledgement.
async fn answer(stream: &mut Stream, type_url: &str) -> Option<String> {
    loop {
        let request = stream.next().await;
        if request.type_url == type_url && !request.response_nonce.is_empty() {
            return request.error_detail.map(|detail| detail.message);
        }
    }
}

fn ask(admin: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(admin).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

async fn eventually(admin: SocketAddr, path: &'static str, wanted: &str) {
    let start = Instant::now();
    loop {
        let text = tokio::task::spawn_blocking(move || ask(admin, path))
            .await
            .unwrap();
        if text.as_ref().is_some_and(|text| text.contains(wanted)) {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{path} never said `{wanted}`: {text:?}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn listeners(outbound: SocketAddr) -> Listeners {
    Listeners {
        workload: WORKLOAD.to_owned(),
        admin: None,
        inbound: vec![],
        outbound: Some(outbound),
        tcp: vec![],
    }
}

/// The members, a bundle over them, and where to listen; until all is acknowledged.
async fn deploy(stream: &mut Stream, outbound: SocketAddr) {
    let body = encode_listeners(&listeners(outbound));
    stream.send(response(LISTENERS_TYPE, WORKLOAD, &body));
    for member in members() {
        let encoded = encode_member(&member);
        let kind = ResourceType::Member(encoded.kind);
        stream.send(response(kind.type_url(), &encoded.name, &encoded.bytes));
        assert_eq!(answer(stream, kind.type_url()).await, None);
    }
    offer(stream, &bundle(1));
    assert_eq!(answer(stream, BUNDLE_TYPE).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_joins_enforces_reports_and_refuses_what_is_not_right() {
    let directory = tempfile::tempdir().unwrap();
    let (operator, mut arrivals) = Scripted::start().await;
    let (admin, outbound) = (free_address(), free_address());
    let config = config(&directory.path().join("state"), &operator, admin);
    std::thread::spawn(move || run(config));

    let mut stream = arrivals.streams.recv().await.unwrap();
    assert_eq!(*operator.tokens.lock().await, [operator.token()]);
    let first = stream.next().await;
    assert_eq!(first.node.unwrap().id, WORKLOAD);
    eventually(admin, "/ready", "no bundle is in effect").await;
    deploy(&mut stream, outbound).await;
    eventually(admin, "/ready", "\"ready\": true").await;
    eventually(admin, "/config", "commit-1").await;
    eventually(admin, "/metrics", "meshwright_bundle_epoch 1").await;
    let report = loop {
        let report = arrivals.reports.recv().await.unwrap();
        if report.epoch == 1 {
            break report;
        }
    };
    assert_eq!(report.digest, &bundle(1).digest.0[..]);

    let mut wrong = bundle(2);
    wrong.digest = hash(b"something else");
    offer(&stream, &wrong);
    let refusal = answer(&mut stream, BUNDLE_TYPE).await.unwrap();
    assert!(refusal.contains("digest"), "{refusal}");
    offer(&stream, &bundle(0));
    let refusal = answer(&mut stream, BUNDLE_TYPE).await.unwrap();
    assert!(refusal.contains("epoch 0 is lower"), "{refusal}");
    eventually(admin, "/config", "commit-1").await;

    let mut outside = listeners(outbound);
    outside.admin = Some("10.0.0.1:1".parse().unwrap());
    stream.send(response(
        LISTENERS_TYPE,
        WORKLOAD,
        &encode_listeners(&outside),
    ));
    let refusal = answer(&mut stream, LISTENERS_TYPE).await.unwrap();
    assert!(refusal.contains("not on loopback"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_is_named_when_a_stream_begins_again() {
    let directory = tempfile::tempdir().unwrap();
    let (operator, mut arrivals) = Scripted::start().await;
    let (admin, outbound) = (free_address(), free_address());
    let config = config(&directory.path().join("state"), &operator, admin);
    std::thread::spawn(move || run(config));
    let mut stream = arrivals.streams.recv().await.unwrap();
    deploy(&mut stream, outbound).await;
    drop(stream);

    let mut stream = arrivals.streams.recv().await.unwrap();
    let mut held = std::collections::BTreeMap::new();
    for _ in ResourceType::ALL {
        let request = stream.next().await;
        held.insert(request.type_url, request.initial_resource_versions);
    }
    let version = hash(&encode_bundle(&bundle(1))).to_string();
    assert_eq!(held[BUNDLE_TYPE][BUNDLE_NAME], version);
    assert_eq!(held[LISTENERS_TYPE].len(), 1);
    assert_eq!(operator.tokens.lock().await.len(), 1, "joined only once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_serves_from_disk_without_an_operator() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let (admin, outbound) = (free_address(), free_address());
    let (operator, _arrivals) = Scripted::start().await;
    let mut config = config(&state, &operator, admin);
    // What an earlier process left.
    {
        let disk = StateDir::open(&state).unwrap();
        let key = crate::identity::KeyRequest::generate().unwrap();
        let pair = rcgen::KeyPair::try_from(key.key.to_vec()).unwrap();
        let leaf = operator.certify(WEB, &pair);
        let credentials = crate::identity::Credentials::new(key.key, vec![leaf]).unwrap();
        disk.keep_roots(&[operator.root()]).unwrap();
        disk.keep_identity(&credentials).unwrap();
        let active = mesh_xds::session::client::ActiveBundle {
            bundle: bundle(7),
            snapshot: mesh_ir::Snapshot::from_members(members()).unwrap(),
        };
        let kept = crate::holdings::keep_bundle(&active);
        disk.keep_resources(Kept::Bundle, &kept).unwrap();
        let holdings = Holdings {
            listeners: Some(listeners(outbound)),
            ..Holdings::default()
        };
        let kept = crate::holdings::keep_facts(&holdings);
        disk.keep_resources(Kept::Facts, &kept).unwrap();
    }
    config.token_file = None;
    config.operator = free_address().to_string();
    std::thread::spawn(move || run(config));
    eventually(admin, "/ready", "\"ready\": true").await;
    eventually(admin, "/config", "commit-7").await;
    assert!(TcpStream::connect(outbound).is_ok());
}

#[test]
fn without_identity_and_token_file_there_is_no_way_to_start() {
    let directory = tempfile::tempdir().unwrap();
    let config = ProxyConfig {
        workload: WORKLOAD.to_owned(),
        operator: "127.0.0.1:1".to_owned(),
        token_file: None,
        state_dir: directory.path().join("state"),
        workers: std::num::NonZeroUsize::MIN,
        access_log: AccessLogTarget::Off,
        admin: None,
        drain: Duration::ZERO,
        log: "off".to_owned(),
        log_format: LogFormat::Text,
    };
    assert!(matches!(run(config), Err(ProxyError::NoIdentity)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_impostor_operator_is_given_no_token() {
    let directory = tempfile::tempdir().unwrap();
    let (impostor, mut arrivals) = Scripted::start().await;
    let (operator, _arrivals) = Scripted::start().await;
    let admin = free_address();
    let mut config = config(&directory.path().join("state"), &operator, admin);
    config.operator = impostor.address.to_string();
    std::thread::spawn(move || run(config));
    let failed = "meshwright_certificate_requests_total{result=\"failed\"} 2";
    eventually(admin, "/metrics", failed).await;
    assert!(impostor.tokens.lock().await.is_empty());
    assert!(arrivals.streams.try_recv().is_err());
}
