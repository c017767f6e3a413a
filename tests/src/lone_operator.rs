use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Answer, Running, eventually_some, get, mesh, mesh_binary};

/// `mesh operator` without proxies, in surroundings of its own: everything that it
/// could write to beside its state directory is empty when it starts.
pub struct LoneOperator {
    running: Running,
    root: TempDir,
}

impl LoneOperator {
    /// Starts one that follows a repository.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start(repository: &str, arguments: &[&str]) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let place = |name: &str| {
            let path = root.path().join(name);
            std::fs::create_dir(&path).expect("a directory");
            path
        };
        let (home, temporary, here) = (place("home"), place("tmp"), place("here"));
        let log = std::fs::File::create(root.path().join("log")).expect("a log");
        let running = Running::start(
            Command::new(mesh_binary())
                .args(["operator", "--repo", repository])
                .args([
                    "--xds",
                    "127.0.0.1:0",
                    "--api",
                    "127.0.0.1:0",
                    "--state-dir",
                ])
                .arg(root.path().join("state"))
                .args(arguments)
                .env_clear()
                .env("HOME", home)
                .env("TMPDIR", temporary)
                .current_dir(here)
                .stderr(log),
        );
        Self { running, root }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// What `mesh status` says, once it answers.
    #[track_caller]
    pub fn status(&self) -> Value {
        let state = self.root.path().join("state");
        let state = state.to_str().expect("a path in UTF-8");
        let ask = || mesh(&["status", "--state-dir", state, "--output", "json"]).stdout;
        eventually_some("the operator answers", || {
            serde_json::from_slice(&ask()).ok()
        })
    }

    /// Asks its API.
    #[track_caller]
    pub fn api(&self, target: &str) -> Answer {
        let status = self.status();
        let address = status["operator"]["api"].as_str().expect("an address");
        get(address, "localhost", target)
    }

    /// Everything around the state directory, and the home of the processes that it starts.
    pub fn surroundings(&self) -> Vec<PathBuf> {
        let mut found = vec![];
        for name in ["home", "tmp", "here", "state/home"] {
            list(&self.root.path().join(name), &mut found);
        }
        let entries = std::fs::read_dir(self.root.path()).expect("a directory");
        found.extend(entries.map(|entry| entry.expect("an entry").path()));
        let relative = |path: PathBuf| path.strip_prefix(self.root.path()).map(Path::to_owned);
        let mut found: Vec<_> = found
            .into_iter()
            .filter_map(|path| relative(path).ok())
            .collect();
        found.sort();
        found
    }
}

fn list(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            list(&entry.path(), found);
        }
        found.push(entry.path());
    }
}
