use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Answer, eventually, eventually_some, processes, send};

/// The binary target of this package: the whole command line.
pub fn mesh_binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let directory = test
        .ancestors()
        .nth(2)
        .expect("tests lie two levels below the target directory");
    let binary = directory.join("mesh-under-test");
    assert!(
        binary.exists(),
        "{} is missing: build the package mesh-tests",
        binary.display()
    );
    binary
}

/// Runs one command to its end.
pub fn mesh(arguments: &[&str]) -> Output {
    Command::new(mesh_binary())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("mesh starts")
}

/// One workload as `mesh up --output json` tells of it.
#[derive(Debug, Clone)]
pub struct Workload(Value);

impl Workload {
    fn text(&self, field: &str) -> &str {
        self.0[field]
            .as_str()
            .unwrap_or_else(|| panic!("`{field}` is a text in {}", self.0))
    }

    /// `namespace/name` of the workload in the operator's words.
    pub fn name(&self) -> String {
        match self.0["version"].as_str() {
            Some(version) => format!(
                "{}/{}-{version}",
                self.text("namespace"),
                self.text("service")
            ),
            None => format!("{}/{}", self.text("namespace"), self.text("service")),
        }
    }

    /// Where its application sends HTTP.
    pub fn outbound(&self) -> &str {
        self.text("outbound")
    }

    /// The mTLS listener of its first HTTP port.
    pub fn inbound(&self) -> &str {
        self.text("inbound")
    }

    /// The proxy's admin address.
    pub fn admin(&self) -> &str {
        self.text("admin")
    }

    /// Its SPIFFE ID.
    pub fn identity(&self) -> &str {
        self.text("identity")
    }

    /// The local listener that leads to a TCP service, `db.shop:5432`.
    pub fn tcp(&self, target: &str) -> &str {
        self.0["tcp"][target]
            .as_str()
            .unwrap_or_else(|| panic!("no TCP listener for {target} in {}", self.0))
    }

    /// The proxy's process.
    pub fn pid(&self) -> u32 {
        u32::try_from(self.0["pid"].as_u64().expect("a pid")).expect("a pid fits")
    }

    /// The lines of its access log so far.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.text("log")).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// The access log's line about a request, once it is written.
    #[track_caller]
    pub fn log_line(&self, request_id: &str) -> Value {
        eventually_some(&format!("{} logs {request_id}", self.name()), || {
            self.log()
                .into_iter()
                .find(|line| line["request_id"] == request_id)
        })
    }

    /// Sends a request through this workload's own proxy.
    #[track_caller]
    pub fn call(&self, method: &str, host: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        send(self.outbound(), method, host, target, headers)
            .unwrap_or_else(|error| panic!("{method} {host}{target} from {}: {error}", self.name()))
    }
}

/// A whole mesh: `mesh up` as a child process, stopped when this value goes.
pub struct MeshUp {
    child: Child,
    state: TempDir,
    /// The first line of its output.
    pub contract: Value,
}

impl MeshUp {
    /// Starts `mesh up` on a directory and waits until every workload is ready.
    #[track_caller]
    pub fn start(path: &Path) -> Self {
        Self::start_with(path, &[])
    }

    /// The same with more arguments.
    #[track_caller]
    pub fn start_with(path: &Path, arguments: &[&str]) -> Self {
        let state = tempfile::tempdir().expect("a state directory");
        let errors = state.path().join("up.stderr");
        let mut child = Command::new(mesh_binary())
            .arg("up")
            .arg(path)
            .args(["--output", "json", "--state-dir"])
            .arg(state.path().join("state"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&errors).expect("a file for errors"))
            .spawn()
            .expect("mesh starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a line or the end");
        let contract = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!(
                "mesh up said `{line}` and {}",
                std::fs::read_to_string(&errors).unwrap_or_default()
            )
        });
        Self {
            child,
            state,
            contract,
        }
    }

    /// Its state directory; the operator's socket is in it.
    pub fn state_dir(&self) -> PathBuf {
        self.contract["state_dir"]
            .as_str()
            .map_or_else(|| self.state.path().join("state"), PathBuf::from)
    }

    /// A workload by `namespace/service` or `namespace/service-version`.
    #[track_caller]
    pub fn workload(&self, name: &str) -> Workload {
        let all = self.contract["workloads"]
            .as_array()
            .expect("a list of workloads");
        all.iter()
            .map(|value| Workload(value.clone()))
            .find(|workload| workload.name() == name)
            .unwrap_or_else(|| panic!("no workload {name} in {}", self.contract))
    }

    /// Every workload.
    pub fn workloads(&self) -> Vec<Workload> {
        self.contract["workloads"]
            .as_array()
            .expect("a list of workloads")
            .iter()
            .cloned()
            .map(Workload)
            .collect()
    }

    /// The operator's process.
    pub fn operator_pid(&self) -> u32 {
        u32::try_from(self.contract["operator"]["pid"].as_u64().expect("a pid"))
            .expect("a pid fits")
    }

    /// What it said on its terminal so far, findings and all.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.state.path().join("up.stderr")).unwrap_or_default()
    }

    /// The operator's process as it is now: another one after each restart.
    pub fn current_operator_pid(&self) -> Option<u32> {
        let children = processes::children(self.child.id());
        children.into_iter().find(|pid| {
            let words = processes::command_line(*pid);
            words.iter().any(|word| word == "operator")
        })
    }

    /// Where the operator serves xDS.
    pub fn xds(&self) -> &str {
        self.contract["operator"]["xds"]
            .as_str()
            .expect("an address")
    }

    /// Runs a command that speaks to this mesh's operator and reads its JSON.
    pub fn ask(&self, command: &str) -> Option<Value> {
        let state = self.state_dir();
        let output = mesh(&[command, "--state-dir", state.to_str()?, "--output", "json"]);
        serde_json::from_slice(&output.stdout).ok()
    }

    /// Waits until `status` shows a commit with an outcome.
    #[track_caller]
    pub fn commit_is(&self, commit: &str, outcome: &str) -> Value {
        eventually_some(&format!("{commit} is {outcome}"), || {
            let status = self.ask("status")?;
            let found = status["commits"]
                .as_array()?
                .iter()
                .find(|entry| entry["id"] == commit)?;
            (found["outcome"] == outcome).then(|| found.clone())
        })
    }

    /// Waits until a commit is live and every proxy is current.
    #[track_caller]
    pub fn enforces(&self, commit: &str) {
        self.commit_is(commit, "live");
        eventually("every proxy is current", || {
            self.ask("status").is_some_and(|status| {
                let proxies = status["proxies"].as_array().cloned().unwrap_or_default();
                !proxies.is_empty() && proxies.iter().all(|proxy| proxy["state"] == "current")
            })
        });
    }
}

impl Drop for MeshUp {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let start = std::time::Instant::now();
        while start.elapsed() < std::time::Duration::from_secs(15) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
