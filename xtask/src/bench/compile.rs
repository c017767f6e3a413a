//! Time and memory of `check` and `compile` over generated repositories.

use std::fmt::Write as _;
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
        let bytes = generate(directory.path(), size).map_err(|error| error.to_string())?;
        for command in ["check", "compile"] {
            let mut seen = vec![];
            for _ in 0..RUNS {
                seen.push(measure(command, directory.path())?);
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
    }
    Ok(())
}

struct Run {
    wall: f64,
    cpu: f64,
    resident: f64,
}

/// Runs one command and watches its memory; CPU from the accounting of waited children.
fn measure(command: &str, directory: &Path) -> Result<Run, String> {
    let before = children_cpu();
    let start = Instant::now();
    let mut child = Command::new("target/dist/mesh")
        .arg(command)
        .arg(directory)
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
    if !status.success() {
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

/// Writes the repository; gives its size in bytes.
fn generate(directory: &Path, services: u32) -> std::io::Result<u32> {
    let mesh = "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: bench}\nspec:\n  trustDomain: bench.example\n  repository: {files: 20000}\n";
    fs::write(directory.join("mesh.yaml"), mesh)?;
    let mut bytes = u32::try_from(mesh.len()).unwrap_or(0);
    for index in 0..services {
        let team = directory.join(format!("team-{:03}", index % 100));
        fs::create_dir_all(&team)?;
        let text = service(index, services);
        bytes += u32::try_from(text.len()).unwrap_or(0);
        fs::write(team.join(format!("s{index}.yaml")), text)?;
    }
    Ok(bytes)
}

fn service(index: u32, services: u32) -> String {
    let namespace = format!("n{:03}", index % 100);
    let mut text = format!(
        "apiVersion: meshwright.dev/v1\nkind: Service\nmetadata: {{name: s{index}, namespace: {namespace}}}\nspec:\n  ports: {{http: 8080}}\n  versions: {{v1: {{}}, v2: {{}}}}\n---\n\
         apiVersion: meshwright.dev/v1\nkind: Route\nmetadata: {{name: s{index}, namespace: {namespace}}}\nspec:\n  service: s{index}\n  rules:\n    - name: canary\n      priority: 1\n      match: [{{headers: {{canary: \"1\"}}}}]\n      to: [{{version: v2}}]\n    - name: everyone\n      match: [{{paths: [/api/**]}}]\n      to: [{{version: v1, weight: 90}}, {{version: v2, weight: 10}}]\n      timeout: 2s\n---\n\
         apiVersion: meshwright.dev/v1\nkind: Access\nmetadata: {{name: s{index}, namespace: {namespace}}}\nspec:\n  service: s{index}\n  allow:\n"
    );
    // Callers at different distances: neighbours, and a few that many call.
    for (entry, step) in [1, 7, 31, 127, 1021].iter().enumerate() {
        let caller = (index + step) % services;
        let _ = write!(
            text,
            "    - name: caller-{entry}\n      from: [{{service: s{caller}.n{:03}}}]\n      match: [{{methods: [GET, POST], paths: [/api/v{entry}/*, /api/items/*/part-{entry}]}}]\n",
            caller % 100
        );
    }
    text
}
