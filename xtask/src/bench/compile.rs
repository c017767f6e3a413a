//! Time and memory of `check`, `compile`, `diff` and of a compilation after one edit,
//! over generated repositories.

mod again;
mod repository;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::statistics;

const RUNS: usize = 5;

/// Generates, runs and prints.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let mut sizes: Vec<u32> = arguments
        .iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 3_000, 10_000];
    }
    println!(
        "a file per service; 2 route rules and 5 access rules each; {RUNS} runs, median (lowest to highest)"
    );
    println!(
        "{:>9} {:>8} {:<8} {:>24} {:>24} {:>9}",
        "services", "MB", "", "wall ms", "CPU ms", "RSS MiB"
    );
    for size in sizes {
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let bytes =
            repository::generate(directory.path(), size).map_err(|error| error.to_string())?;
        let edited = tempfile::tempdir().map_err(|error| error.to_string())?;
        edit(directory.path(), edited.path(), size).map_err(|error| error.to_string())?;
        let (base, head) = (directory.path(), edited.path());
        let commands: [(&str, &[&Path]); 3] = [
            ("check", &[base]),
            ("compile", &[base]),
            ("diff", &[base, head]),
        ];
        for (command, directories) in commands {
            let mut seen = vec![];
            for _ in 0..RUNS {
                seen.push(measure(command, directories)?);
            }
            let column = |value: fn(&Run) -> f64| seen.iter().map(value).collect::<Vec<_>>();
            println!(
                "{size:>9} {:>8.1} {command:<8} {:>24} {:>24} {:>9.0}",
                f64::from(bytes) / 1e6,
                statistics::spread(&column(|r| r.wall), 0),
                statistics::spread(&column(|r| r.cpu), 0),
                statistics::quantile(&mut column(|r| r.resident), 1.0),
            );
        }
        again::measure(directory.path(), size)?;
    }
    Ok(())
}

/// Writes the repository once more, with another access path in one file.
fn edit(from: &Path, to: &Path, services: u32) -> std::io::Result<()> {
    repository::generate(to, services)?;
    let path = repository::path(services / 2);
    let text = fs::read_to_string(from.join(&path))?;
    fs::write(to.join(path), text.replace("/api/v0/*", "/api/v9/*"))
}

struct Run {
    wall: f64,
    cpu: f64,
    resident: f64,
}

/// Runs one command and watches its memory; CPU from the accounting of waited children.
///
/// `diff` ends with 1, for there is a change.
fn measure(command: &str, directories: &[&Path]) -> Result<Run, String> {
    let before = children_cpu();
    let start = Instant::now();
    let mut child = Command::new("target/dist/mesh")
        .arg(command)
        .args(directories)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("target/dist/mesh: {error}"))?;
    let mut resident: f64 = 0.0;
    let status = loop {
        resident = resident.max(high_water(child.id()));
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let expected = i32::from(command == "diff");
    if status.code() != Some(expected) {
        return Err(format!("mesh {command} ended with {status}"));
    }
    Ok(Run {
        wall: start.elapsed().as_secs_f64() * 1e3,
        cpu: children_cpu() - before,
        resident,
    })
}

/// In milliseconds: fields 16 and 17 of proc(5) stat, hundredths of a second.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after_name
        .split_whitespace()
        .map(|text| text.parse().unwrap_or(0.0))
        .collect();
    fields
        .get(13..15)
        .map_or(0.0, |times| times.iter().sum::<f64>() * 10.0)
}

fn high_water(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .next()
        .and_then(|text| text.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}
