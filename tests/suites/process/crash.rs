//! Processes are killed, and nobody notices.

use mesh_tests::processes::{has_ended, kill};
use mesh_tests::{Load, MeshUp, Repository, Running, Workload, eventually, get, mesh_binary};

fn is_ready(workload: &Workload) -> bool {
    mesh_tests::send(workload.admin(), "GET", "localhost", "/ready", &[])
        .is_ok_and(|answer| answer.status == 200)
}

fn metric(admin: &str, name: &str) -> f64 {
    let text = String::from_utf8(get(admin, "localhost", "/metrics").body).unwrap();
    text.lines()
        .filter(|line| line.split(['{', ' ']).next() == Some(name))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

#[test]
fn the_operator_is_killed_under_load_and_resumes_without_resending() {
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
    load.at_least(100);
    let received = metric(page.admin(), "meshwright_xds_resources_received_total");

    kill(mesh.operator_pid());
    load.at_least(200);
    eventually(
        "the operator is back and knows every proxy as current",
        || {
            mesh.ask("status").is_some_and(|status| {
                let proxies = status["proxies"].as_array().cloned().unwrap_or_default();
                proxies.len() == mesh.workloads().len()
                    && proxies.iter().all(|proxy| proxy["state"] == "current")
            })
        },
    );
    load.at_least(200);
    assert!(
        (metric(page.admin(), "meshwright_xds_resources_received_total") - received).abs() < 0.5,
        "what proxies hold is not sent again"
    );

    repository.replace(
        "reviews.yaml",
        "{version: v1, weight: 90}, {version: v3, weight: 10}",
        "{version: v3, weight: 100}",
    );
    let commit = repository.commit("move reviews to v3");
    mesh.enforces(&commit);
    let tally = load.stop();
    assert_eq!(tally.bad_count, 0, "{:?}", tally.bad);
}

#[test]
fn a_proxy_restarts_from_disk_while_the_operator_is_down() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start_with(repository.path(), &["--no-restart"]);
    let page = mesh.workload("shop/productpage");
    assert_eq!(
        page.call("GET", "ratings.shop", "/ratings/1", &[]).status,
        200
    );
    kill(mesh.operator_pid());
    kill(page.pid());
    eventually("the proxy is gone", || has_ended(page.pid()));

    let state = mesh
        .state_dir()
        .join("proxies")
        .join(page.name().replace('/', "."));
    assert!(
        state.exists(),
        "{} is where the proxy keeps its state",
        state.display()
    );
    let log = state.join("again.log");
    let _again = Running::start(
        std::process::Command::new(mesh_binary())
            .args([
                "proxy",
                "--workload",
                &page.name(),
                "--operator",
                mesh.xds(),
                "--state-dir",
            ])
            .arg(&state)
            .stderr(std::fs::File::create(&log).unwrap()),
    );
    eventually("the proxy serves from disk", || is_ready(&page));
    assert_eq!(
        page.call("GET", "ratings.shop", "/ratings/1", &[]).status,
        200
    );
    assert_eq!(
        page.call("GET", "ratings.shop", "/ratings/admin/x", &[])
            .status,
        403
    );
}

#[test]
fn a_proxy_that_is_killed_is_started_again_and_serves() {
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let ratings = mesh.workload("shop/ratings");
    kill(ratings.pid());
    eventually("ratings is down", || !is_ready(&ratings));
    eventually("ratings is up again", || is_ready(&ratings));
    let page = mesh.workload("shop/productpage");
    eventually("requests arrive again", || {
        page.call("GET", "ratings.shop", "/ratings/1", &[]).status == 200
    });
}
