//! One process that `mesh up` starts.

use std::fs::OpenOptions;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child as Process, ChildStdin, Command};

/// How to start a process; it can be started again.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    /// What it is called in messages: `operator`, `proxy shop/reviews-v1`.
    pub(super) name: String,
    /// The arguments after the program, which is this one.
    pub(super) arguments: Vec<String>,
    /// Where its standard output and error go.
    pub(super) log: PathBuf,
}

/// Why a process could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {name}")]
pub(crate) struct StartError {
    name: String,
    source: io::Error,
}

/// A running process.
pub(super) struct Child {
    process: Process,
    /// Kept apart: waiting for a process closes its standard input, which ours may
    /// read as the order to end.
    stdin: Option<ChildStdin>,
    pid: u32,
}

impl Child {
    /// Starts this very program with other arguments, in a process group of its own:
    /// a Ctrl-C reaches `mesh up` alone, which ends its children in order.
    ///
    /// To be called on the main thread only: a child ends with the thread that
    /// started it.
    pub(super) fn start(spec: &Spec) -> Result<Self, StartError> {
        let started = command(spec).and_then(|mut command| command.spawn());
        let mut process = started.map_err(|source| StartError {
            name: spec.name.clone(),
            source,
        })?;
        // One that has ended already has no id; that is noticed when it is waited for.
        let pid = process.id().unwrap_or(0);
        let stdin = process.stdin.take();
        Ok(Self {
            process,
            stdin,
            pid,
        })
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Says something on its standard input, which stays open.
    pub(super) async fn tell(&mut self, line: &str) -> io::Result<()> {
        let Some(stdin) = self.stdin.as_mut() else {
            return Ok(());
        };
        stdin.write_all(line.as_bytes()).await?;
        stdin.flush().await
    }

    /// Until it ends.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Asks it to end, and forces it after `grace`.
    pub(super) async fn end(mut self, grace: Duration) {
        let pid = self.process.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            // It may have ended meanwhile, which is what we want.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(grace, self.process.wait())
            .await
            .is_err()
        {
            drop(self.process.kill().await);
        }
    }
}

fn command(spec: &Spec) -> io::Result<Command> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&spec.log)?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("--end-with")
        .arg(std::process::id().to_string())
        .args(&spec.arguments)
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}
