//! A commit moves traffic, and nothing fails while it does.

use mesh_tests::{Load, MeshUp, Repository, eventually};

fn version(answer: &mesh_tests::Answer) -> String {
    answer.json()["version"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_commit_moves_all_traffic_under_load_without_a_failed_request() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    let load = Load::start(
        4,
        page.outbound(),
        "reviews.shop",
        "/reviews/7",
        false,
        |answer| answer.status == 200,
    );
    load.at_least(200);

    repository.replace(
        "reviews.yaml",
        "{version: v1, weight: 90}, {version: v3, weight: 10}",
        "{version: v3, weight: 100}",
    );
    let commit = repository.commit("move reviews to v3");
    mesh.enforces(&commit);
    load.at_least(200);
    for _ in 0..50 {
        assert_eq!(
            version(&page.call("GET", "reviews.shop", "/reviews/7", &[])),
            "v3"
        );
    }

    let tally = load.stop();
    assert_eq!(tally.bad_count, 0, "{:?}", tally.bad);
    let after = page
        .log()
        .into_iter()
        .rev()
        .find(|line| line["host"] == "reviews.shop")
        .expect("a logged request");
    assert_eq!(after["commit"], commit.as_str());
}

#[test]
fn weights_and_header_routes_choose_the_version() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    let mut v1 = 0;
    for _ in 0..400 {
        match version(&page.call("GET", "reviews.shop", "/reviews/7", &[])).as_str() {
            "v1" => v1 += 1,
            "v3" => {}
            other => panic!("version {other} has no weight"),
        }
    }
    // 360 expected; 300 is ten standard deviations away.
    assert!(
        (300..400).contains(&v1),
        "{v1} of 400 went to v1, which has nine parts of ten"
    );
    for _ in 0..20 {
        assert_eq!(
            version(&page.call(
                "GET",
                "reviews.shop",
                "/reviews/7",
                &[("end-user", "jason")]
            )),
            "v2"
        );
    }
    let none = page.call("GET", "reviews.shop", "/other", &[]);
    assert_eq!(
        (none.status, none.header("x-mesh-reason")),
        (404, Some("no-route"))
    );
}

#[test]
fn amended_and_rewound_commits_are_followed_by_up() {
    let repository = Repository::of_shop();
    let first = repository.git().head().unwrap().target().unwrap();
    let mesh = MeshUp::start(repository.path());
    repository.replace("reviews.yaml", "weight: 10}", "weight: 11}");
    let second = repository.commit("a little more");
    mesh.enforces(&second);
    repository
        .git()
        .reset(
            &repository.git().find_object(first, None).unwrap(),
            git2::ResetType::Hard,
            None,
        )
        .unwrap();
    repository.replace("reviews.yaml", "weight: 10}", "weight: 12}");
    let rebased = repository.commit("another history");
    mesh.enforces(&rebased);
    eventually("the caller logs the new commit", || {
        mesh.workload("shop/productpage")
            .call("GET", "reviews.shop", "/reviews/1", &[]);
        mesh.workload("shop/productpage")
            .log()
            .last()
            .is_some_and(|line| line["commit"] == rebased.as_str())
    });
}
