//! From commit to enforced: one `mesh up`, many commits, and for each the time
//! until a request is answered by the new version.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mesh_tests::{Connection, Repository};
use serde_json::Value;

use super::{number, statistics};

/// How the shop shares out reviews.
const WEIGHTS: &str = "{version: v1, weight: 90}, {version: v3, weight: 10}";

/// Runs `mesh up` on a small shop and moves all traffic to and fro.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let commits = number(arguments, "--commits", 200)?;
    let repository = Repository::of_shop();
    repository.replace("reviews.yaml", WEIGHTS, "{version: v1, weight: 100}");
    repository.commit("everything to v1");
    let up = Up::start(repository.path())?;
    let mut milliseconds = vec![];
    let mut current = "v1";
    for _ in 0..commits {
        let next = if current == "v1" { "v3" } else { "v1" };
        repository.replace(
            "reviews.yaml",
            &format!("{{version: {current}, weight: 100}}"),
            &format!("{{version: {next}, weight: 100}}"),
        );
        repository.commit("to and fro");
        let start = Instant::now();
        await_version(&up.outbound, next)?;
        milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
        current = next;
    }
    println!("commit to enforced over {commits} commits, one caller's proxy asked without pause");
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
        println!(
            "  {name} {:.0} ms",
            statistics::quantile(&mut milliseconds, share)
        );
    }
    Ok(())
}

fn await_version(outbound: &str, version: &str) -> Result<(), String> {
    let start = Instant::now();
    let mut connection = Connection::open(outbound).map_err(|error| error.to_string())?;
    while start.elapsed() < Duration::from_secs(20) {
        let answer = connection
            .send("GET", "reviews.shop", "/reviews/7", &[])
            .map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("a request failed with {}", answer.status));
        }
        if answer.json()["version"] == version {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(format!("{version} was not enforced within 20 s"))
}

/// `mesh up` in the `dist` profile.
struct Up {
    child: Child,
    outbound: String,
    _state: tempfile::TempDir,
}

impl Up {
    fn start(repository: &Path) -> Result<Self, String> {
        let state = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut child = Command::new("target/dist/mesh")
            .arg("up")
            .arg(repository)
            .args(["--output", "json", "--state-dir"])
            .arg(state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("target/dist/mesh: {error}"))?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("no pipe")?;
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        let contract: Value = serde_json::from_str(&line)
            .map_err(|error| format!("mesh up said `{line}`: {error}"))?;
        let page = contract["workloads"]
            .as_array()
            .and_then(|all| all.iter().find(|w| w["service"] == "productpage"));
        let outbound = page
            .and_then(|w| w["outbound"].as_str())
            .ok_or("no productpage")?
            .to_owned();
        Ok(Self {
            child,
            outbound,
            _state: state,
        })
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}
