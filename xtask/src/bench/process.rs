//! Child processes pinned to a core, and what the kernel counts of them.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A child that is killed when this value goes.
pub(crate) struct Pinned(Child);

impl Pinned {
    /// Starts a command on one core; what it prints is dropped.
    pub(crate) fn start(core: usize, program: &str, arguments: &[&str]) -> Result<Self, String> {
        Command::new("taskset")
            .args(["-c", &core.to_string(), program])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
            .map_err(|error| format!("{program} does not start: {error}"))
    }

    /// It and its descendants.
    fn tree(&self) -> Vec<u32> {
        let mut pids = vec![self.0.id()];
        let mut at = 0;
        while let Some(pid) = pids.get(at).copied() {
            at += 1;
            for task in fs::read_dir(format!("/proc/{pid}/task"))
                .into_iter()
                .flatten()
                .flatten()
            {
                let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
                pids.extend(
                    children
                        .split_whitespace()
                        .filter_map(|text| text.parse::<u32>().ok()),
                );
            }
        }
        pids
    }

    /// Time on a CPU of it and its descendants, in microseconds.
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.tree().into_iter().map(cpu_micros_of).sum()
    }

    /// Resident memory of it and its descendants, in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        self.tree().into_iter().map(resident_of).sum()
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        for pid in self.tree().into_iter().rev() {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
        let _ = self.0.wait();
    }
}

fn cpu_micros_of(pid: u32) -> f64 {
    // The first number of `schedstat` is time on a CPU in nanoseconds, of one thread.
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let nanos = threads.into_iter().flatten().flatten().map(|thread| {
        let stat = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let on_cpu = stat.split_whitespace().next();
        on_cpu.and_then(|text| text.parse().ok()).unwrap_or(0.0)
    });
    nanos.sum::<f64>() / 1000.0
}

fn resident_of(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or_default();
    line.split_whitespace()
        .next()
        .and_then(|text| text.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}

/// A port that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    listener
        .local_addr()
        .map_err(|error| format!("no free port: {error}"))
}

/// Waits until something listens.
pub(crate) fn await_listener(what: &str, address: SocketAddr) -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("{what} does not listen on {address}"))
}
