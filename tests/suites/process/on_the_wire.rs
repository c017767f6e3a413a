//! What the operator sends, to whom, and what it makes of a proxy's reports.

use std::collections::BTreeMap;

use mesh_ir::MemberKind;
use mesh_tests::played_proxy::{Identity, PlayedProxy};
use mesh_tests::{MeshUp, Repository, eventually_some, mesh};
use mesh_xds::proto::operator::ReportRequest;
use mesh_xds::{BUNDLE_TYPE, type_url};

fn token(mesh_up: &MeshUp, workload: &str) -> String {
    let state = mesh_up.state_dir();
    let output = mesh(&[
        "token",
        "create",
        "--state-dir",
        state.to_str().unwrap(),
        "--workload",
        workload,
        "--output",
        "json",
    ]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    answer["token"].as_str().expect("a token").to_owned()
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test)
}

/// Stops the real proxy of a workload, so that the test may play it.
async fn play(mesh: &MeshUp, workload: &str) -> (Identity, PlayedProxy) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(mesh.workload(workload).pid()).unwrap())
        .unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let identity = PlayedProxy::join(mesh.xds(), &token(mesh, workload))
        .await
        .unwrap();
    let proxy = PlayedProxy::connect(mesh.xds(), Some(&identity))
        .await
        .unwrap();
    (identity, proxy)
}

fn every_type() -> Vec<&'static str> {
    let mut types: Vec<_> = MemberKind::ALL.iter().map(|kind| type_url(*kind)).collect();
    types.push(BUNDLE_TYPE);
    types
}

fn names(seen: &BTreeMap<String, Vec<String>>, kind: MemberKind) -> Vec<&str> {
    seen.get(type_url(kind))
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

#[test]
fn one_rule_changed_sends_one_member_and_one_bundle() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start_with(repository.path(), &["--no-restart"]);
    run(async {
        let (_identity, mut proxy) = play(&mesh, "shop/productpage").await;
        let mut stream = proxy
            .discover("shop/productpage", &every_type())
            .await
            .unwrap();
        let first = stream.until_bundle().await.unwrap();
        assert_eq!(
            names(&first, MemberKind::Service),
            [
                "shop/db",
                "shop/greeter",
                "shop/productpage",
                "shop/ratings",
                "shop/reviews"
            ]
        );
        assert_eq!(names(&first, MemberKind::Route), ["shop/reviews"]);
        assert!(
            names(&first, MemberKind::Access).is_empty(),
            "access is the callee's business: {first:?}"
        );

        repository.replace("reviews.yaml", "weight: 10}", "weight: 11}");
        repository.commit("one rule");
        let one = stream.until_bundle().await.unwrap();
        assert_eq!(names(&one, MemberKind::Route), ["shop/reviews"]);
        assert_eq!(
            one.values().map(Vec::len).sum::<usize>(),
            2,
            "one member and one Bundle: {one:?}"
        );

        repository.replace("ratings.yaml", "burst: 2", "burst: 2 # no more");
        let comment = repository.commit("a comment at the end of a line");
        mesh.commit_is(&comment, "live");
        assert!(
            stream.is_silent().await,
            "nothing moved, so nothing is sent"
        );

        repository.replace(
            "reviews.yaml",
            "    - name: everyone",
            "    # the rest\n    - name: everyone",
        );
        repository.commit("a comment that moves lines");
        let moved = stream.until_bundle().await.unwrap();
        assert_eq!(names(&moved, MemberKind::Route), ["shop/reviews"]);
        assert_eq!(
            moved.values().map(Vec::len).sum::<usize>(),
            2,
            "only what moved: {moved:?}"
        );
    });
}

#[test]
fn a_client_cannot_ask_for_anothers_configuration() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start_with(repository.path(), &["--no-restart"]);
    run(async {
        let (_identity, mut proxy) = play(&mesh, "shop/productpage").await;
        let refused = match proxy.discover("shop/ratings", &every_type()).await {
            Err(status) => status,
            Ok(mut stream) => stream
                .until_bundle()
                .await
                .expect_err("another's configuration"),
        };
        assert_eq!(refused.code(), tonic::Code::PermissionDenied, "{refused}");

        let mut anonymous = PlayedProxy::connect(mesh.xds(), None).await.unwrap();
        let refused = match anonymous.discover("shop/productpage", &every_type()).await {
            Err(status) => status,
            Ok(mut stream) => stream.until_bundle().await.expect_err("no certificate"),
        };
        assert!(
            matches!(
                refused.code(),
                tonic::Code::Unauthenticated | tonic::Code::PermissionDenied
            ),
            "{refused}"
        );
    });
}

#[test]
fn a_token_is_good_once() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    run(async {
        let token = token(&mesh, "shop/productpage");
        let joins = (0..20).map(|_| PlayedProxy::join(mesh.xds(), &token));
        let results = futures_util::future::join_all(joins).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    });
}

#[test]
fn a_wrong_digest_is_drift_and_is_healed_by_sending_again() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start_with(repository.path(), &["--no-restart"]);
    run(async {
        let (_identity, mut proxy) = play(&mesh, "shop/productpage").await;
        let mut stream = proxy
            .discover("shop/productpage", &every_type())
            .await
            .unwrap();
        stream.until_bundle().await.unwrap();
        let given = stream.bundle.clone().expect("the operator gave a bundle");
        let report = ReportRequest {
            workload: "shop/productpage".to_owned(),
            epoch: given.epoch.0,
            commit: given.commit.to_string(),
            digest: vec![0xAB; 32].into(),
            certificate_not_after: 0,
        };
        proxy.report(report).await.unwrap();
        let drift = eventually_some("drift is shown", || {
            let drift = mesh.ask("drift")?;
            drift["proxies"]
                .as_array()?
                .iter()
                .find(|p| p["workload"] == "shop/productpage")
                .cloned()
        });
        assert_eq!(drift["kind"], "digest", "{drift}");
        let again = stream.until_bundle().await.unwrap();
        assert!(
            !names(&again, MemberKind::Route).is_empty(),
            "its whole bundle is sent again: {again:?}"
        );
    });
}
