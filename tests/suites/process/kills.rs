//! The operator is killed at random moments while commits arrive.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mesh_tests::{Load, MeshUp, Repository, eventually, eventually_some, processes};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const KILLS: u32 = 20;
const FROM: &str = "{version: v1, weight: 90}, {version: v3, weight: 10}";

/// The epoch that each proxy enforces, by its own account.
fn epochs(mesh: &MeshUp) -> BTreeMap<String, u64> {
    let workloads = mesh.workloads();
    let epoch = |workload: &mesh_tests::Workload| {
        let answer = mesh_tests::get(workload.admin(), "localhost", "/metrics");
        let text = String::from_utf8(answer.body).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("meshwright_bundle_epoch "));
        line.unwrap().trim().parse().unwrap()
    };
    let found = workloads.iter().map(|it| (it.name(), epoch(it)));
    found.collect()
}

/// Bad every fourth time: `(text of the route, whether it compiles)`.
fn target(round: u32) -> (String, bool) {
    let good = !round.is_multiple_of(4);
    let version = if good { "v3" } else { "v9" };
    (
        format!("{{version: v1, weight: {round}}}, {{version: {version}, weight: 10}}"),
        good,
    )
}

#[test]
fn an_operator_that_is_killed_at_random_moments_loses_no_commit() {
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    let load = Load::start(
        2,
        page.outbound(),
        "reviews.shop",
        "/reviews/7",
        false,
        |answer| answer.status == 200,
    );
    load.at_least(50);
    let mut known = epochs(&mesh);
    let mut text = FROM.to_owned();
    let mut last_good = String::new();
    for round in 1..=KILLS {
        let (next, good) = target(round);
        repository.replace("reviews.yaml", &text, &next);
        let commit = repository.commit(&format!("round {round}"));
        text = next;
        let moment = Duration::from_micros(random.random_range(0..120_000));
        let start = Instant::now();
        while start.elapsed() < moment {
            std::thread::yield_now();
        }
        let pid = eventually_some("an operator runs", || mesh.current_operator_pid());
        processes::kill(pid);
        let outcome = if good { "live" } else { "rejected" };
        eventually(
            &format!("round {round}, seed {seed}, killed after {moment:?}: {commit} is {outcome}"),
            || {
                let status = mesh.ask("status");
                status.is_some_and(|status| {
                    status["commits"][0]["id"] == commit.as_str()
                        && status["commits"][0]["outcome"] == outcome
                })
            },
        );
        let now = epochs(&mesh);
        for (name, epoch) in &now {
            assert!(
                *epoch >= known[name],
                "seed {seed}: {name} went back to {epoch} from {}",
                known[name]
            );
        }
        known = now;
        if good {
            last_good = commit;
        }
    }
    let status = mesh.ask("status").unwrap();
    for entry in status["commits"].as_array().unwrap() {
        let outcome = entry["outcome"].as_str().unwrap();
        assert!(
            ["live", "rejected", "superseded"].contains(&outcome),
            "seed {seed}: {entry}"
        );
    }
    assert_eq!(status["live"], last_good.as_str(), "seed {seed}");
    eventually(&format!("seed {seed}: every proxy is current"), || {
        let status = mesh.ask("status").unwrap_or_default();
        let proxies = status["proxies"].as_array().cloned().unwrap_or_default();
        proxies.len() == mesh.workloads().len()
            && proxies.iter().all(|proxy| proxy["state"] == "current")
    });
    let tally = load.stop();
    assert_eq!(tally.bad_count, 0, "seed {seed}: {:?}", tally.bad);
}
