use jiff::Timestamp;

use super::harness::{CLIENT, HELLO, Operator, eventually};
use crate::observe::{Drift, DriftKind, ProxyState};

fn drift(operator: &Operator, workload: &str) -> Option<Drift> {
    let plan = operator.plan().unwrap();
    let all = operator.fleet.drift(&plan, Timestamp::now());
    all.into_iter().find(|it| it.workload == workload)
}

#[tokio::test]
async fn a_wrong_digest_is_shown_and_the_bundle_sent_again() {
    let operator = Operator::start().await;
    let mut proxy = operator.proxy(HELLO).await;
    proxy.until_bundle().await;
    proxy.report(Some([7; 32])).await.unwrap();
    let found = drift(&operator, HELLO).unwrap();
    assert_eq!(found.kind, DriftKind::Digest);
    assert_eq!(found.reported.unwrap().digest.0, [7; 32]);
    assert!(found.reason.contains(&"07".repeat(32)));
    assert_ne!(operator.status(HELLO).state, ProxyState::Current);

    let wire = proxy.until_bundle().await;
    assert!(
        wire.contains(&("Service".into(), 1, 0)),
        "members too: {wire:?}"
    );
    proxy.report(None).await.unwrap();
    assert_eq!(drift(&operator, HELLO), None);
    assert_eq!(operator.fleet.metrics().healed.get(), 1);
    assert_eq!(operator.status(HELLO).state, ProxyState::Current);
}

#[tokio::test]
async fn a_refusal_is_shown_with_resource_and_reason_and_traffic_goes_on() {
    let operator = Operator::start().await;
    let mut proxy = operator.proxy(HELLO).await;
    proxy.until_bundle().await;
    let held = proxy.session.holdings().active.clone();
    proxy.honours = false;
    operator.commit("POST", "c2");
    proxy.until_bundle().await;
    eventually("refused", || {
        operator.status(HELLO).state == ProxyState::Refused
    })
    .await;
    let status = operator.status(HELLO);
    assert_eq!(
        status.reason.as_deref(),
        Some("Bundle bundle: no such filter")
    );
    assert_eq!(status.reported, held.map(|it| it.bundle));
    assert_eq!(drift(&operator, HELLO).unwrap().kind, DriftKind::Refused);

    proxy.honours = true;
    operator.commit("PUT", "c3");
    proxy.until_bundle().await;
    eventually("current again", || {
        operator.status(HELLO).state == ProxyState::Current
    })
    .await;
    assert_eq!(operator.status(HELLO).reason, None);
}

#[tokio::test]
async fn a_proxy_that_is_gone_becomes_silent() {
    let operator = Operator::start().await;
    let mut proxy = operator.proxy(CLIENT).await;
    proxy.until_bundle().await;
    eventually("current", || {
        operator.status(CLIENT).state == ProxyState::Current
    })
    .await;
    drop(proxy);
    eventually("silent", || {
        operator.status(CLIENT).state == ProxyState::Silent
    })
    .await;
    assert_eq!(drift(&operator, CLIENT).unwrap().kind, DriftKind::Silent);
}
