use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, Node};
use mesh_xds::proto::operator::ReportRequest;
use mesh_xds::session::client::Holdings;
use mesh_xds::{BUNDLE_TYPE, ENDPOINTS_TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use super::call::{Call, Credentials};
use super::harness::{CLIENT, HELLO, Operator, eventually};
use crate::observe::ProxyState;

fn ask_as(workload: &str) -> Vec<DeltaDiscoveryRequest> {
    vec![DeltaDiscoveryRequest {
        node: Some(Node {
            id: workload.into(),
            cluster: "meshwright".into(),
        }),
        type_url: BUNDLE_TYPE.into(),
        resource_names_subscribe: vec!["*".into()],
        ..DeltaDiscoveryRequest::default()
    }]
}

/// How the operator answers who asks for a workload's configuration.
async fn answer(call: &Call, requests: Vec<DeltaDiscoveryRequest>) -> Code {
    match call.configuration(requests).await {
        Err(status) => status.code(),
        Ok((_sender, mut responses)) => match responses.message().await {
            Err(status) => status.code(),
            Ok(_) => Code::Ok,
        },
    }
}

#[tokio::test]
async fn a_proxy_that_joined_gets_its_bundle_and_is_current() {
    let operator = Operator::start().await;
    let mut proxy = operator.proxy(CLIENT).await;
    proxy.until_bundle().await;
    let active = proxy.session.holdings().active.as_ref().unwrap();
    let plan = operator.plan().unwrap();
    assert_eq!(active.bundle, plan.workloads[CLIENT].role_bundle.bundle);
    let calls = &active.snapshot.role.calls;
    assert_eq!(
        proxy
            .session
            .holdings()
            .endpoints
            .keys()
            .collect::<Vec<_>>(),
        calls.iter().collect::<Vec<_>>()
    );
    assert_eq!(
        proxy.session.holdings().listeners.as_ref(),
        Some(&plan.workloads[CLIENT].listeners)
    );
    let roots = proxy.session.holdings().trust_roots.values().next();
    assert_eq!(roots, operator.ca.roots().as_ref());
    eventually("current", || {
        operator.status(CLIENT).state == ProxyState::Current
    })
    .await;
    assert!(operator.status(CLIENT).not_after.is_some());
    assert_eq!(operator.status(HELLO).state, ProxyState::Silent);
}

#[tokio::test]
async fn one_changed_rule_is_one_member_and_one_bundle_to_whom_it_concerns() {
    let operator = Operator::start().await;
    let mut hello = operator.proxy(HELLO).await;
    let mut client = operator.proxy(CLIENT).await;
    hello.until_bundle().await;
    client.until_bundle().await;
    client.wire.clear();
    operator.commit("POST", "c2");
    let wire = hello.until_bundle().await;
    assert_eq!(wire, [("Access".into(), 1, 0), ("Bundle".into(), 1, 0)]);
    assert_eq!(client.wire, [], "its members are the same");
    operator.commit("POST", "c3");
    operator.commit("GET", "c4");
    let wire = hello.until_bundle().await;
    assert_eq!(
        wire,
        [("Access".into(), 1, 0), ("Bundle".into(), 1, 0)],
        "and nothing for a commit that says the same"
    );
}

#[tokio::test]
async fn nothing_is_sent_again_to_a_proxy_that_holds_it() {
    let operator = Operator::start().await;
    let credentials = operator.join(HELLO).await;
    let mut before = operator
        .proxy_again(HELLO, &credentials, Holdings::default())
        .await;
    before.until_bundle().await;
    let holdings = before.session.holdings().clone();
    drop(before);
    let mut after = operator.proxy_again(HELLO, &credentials, holdings).await;
    eventually("known to be current without a word", || {
        operator.status(HELLO).state == ProxyState::Current
    })
    .await;
    operator.commit("POST", "c2");
    let wire = after.until_bundle().await;
    assert_eq!(wire, [("Access".into(), 1, 0), ("Bundle".into(), 1, 0)]);
}

#[tokio::test]
async fn nobody_gets_the_configuration_of_another() {
    let operator = Operator::start().await;
    let credentials = operator.join(CLIENT).await;
    let call = Call::connect(operator.address, Some(&credentials))
        .await
        .unwrap();
    for other in [HELLO, "demo/nobody", "demo/", ""] {
        assert_eq!(
            answer(&call, ask_as(other)).await,
            Code::PermissionDenied,
            "{other}"
        );
    }
    let report = ReportRequest {
        workload: HELLO.into(),
        ..ReportRequest::default()
    };
    let refused = call.report(report).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn names_outside_the_view_do_not_exist_for_a_proxy() {
    let operator = Operator::start().await;
    let credentials = operator.join(HELLO).await;
    let call = Call::connect(operator.address, Some(&credentials))
        .await
        .unwrap();
    let mut requests = ask_as(HELLO);
    requests[0].type_url = ENDPOINTS_TYPE.into();
    requests[0].resource_names_subscribe = vec!["demo/client".into(), "demo/hello".into()];
    let (_sender, mut responses) = call.configuration(requests).await.unwrap();
    let response = responses.message().await.unwrap().unwrap();
    assert_eq!(response.resources, []);
    assert_eq!(response.removed_resources, ["demo/client", "demo/hello"]);
}

#[tokio::test]
async fn without_a_certificate_of_this_mesh_there_is_no_configuration() {
    let operator = Operator::start().await;
    let stranger = Call::connect(operator.address, None).await.unwrap();
    assert_eq!(
        answer(&stranger, ask_as(CLIENT)).await,
        Code::Unauthenticated
    );
    let report = stranger.report(ReportRequest::default()).await;
    assert_eq!(report.unwrap_err().code(), Code::Unauthenticated);

    let elsewhere = Operator::start().await;
    let foreign = elsewhere.join(CLIENT).await;
    refused(&operator, &foreign).await;
}

/// The handshake fails; in TLS 1.3 the client may learn it with its first read.
async fn refused(operator: &Operator, credentials: &Credentials) {
    if let Ok(call) = Call::connect(operator.address, Some(credentials)).await {
        let code = answer(&call, ask_as(CLIENT)).await;
        assert!(
            matches!(
                code,
                Code::Unknown | Code::Unavailable | Code::Internal | Code::Cancelled
            ),
            "{code:?}"
        );
    }
    assert_eq!(operator.status(CLIENT).state, ProxyState::Silent);
}

#[tokio::test]
async fn a_workload_that_leaves_the_plan_is_told_so() {
    let operator = Operator::start().await;
    let mut proxy = operator.proxy(HELLO).await;
    proxy.until_bundle().await;
    operator.without_hello();
    let ended = loop {
        if let Err(status) = proxy.step().await {
            break status;
        }
    };
    assert_eq!(ended.code(), Code::PermissionDenied);
    assert!(proxy.session.holdings().active.is_some(), "it goes on");
}

#[tokio::test]
async fn garbage_and_old_tls_do_not_end_the_server() {
    let operator = Operator::start().await;
    let client_hello_12 = b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03";
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0", client_hello_12, b""] {
        let mut stream = TcpStream::connect(operator.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // Reset or closed; a TLS alert at most.
        drop(stream.read_to_end(&mut answer).await);
        assert!(answer.len() < 16, "{answer:?}");
    }
    let mut proxy = operator.proxy(CLIENT).await;
    proxy.until_bundle().await;
}
