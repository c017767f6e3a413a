//! Benches: our program and the peers side by side in one run, and a ratio.
//!
//! Called in the development profile, `bench` builds itself in the `dist` profile
//! and runs that.

mod commit;
mod compile;
mod process;
mod request_path;
mod statistics;

use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo xtask bench request-path [--rounds N] [--seconds N] [--rate N]
       cargo xtask bench compile [--services N]…
       cargo xtask bench commit [--commits N]";

/// Runs a bench by its name.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, String> {
    if cfg!(debug_assertions) {
        return in_dist(arguments);
    }
    let (name, rest) = arguments.split_first().ok_or(USAGE)?;
    match name.as_str() {
        "request-path" => request_path::run(rest),
        "compile" => compile::run(rest),
        "commit" => commit::run(rest),
        // Children of `request-path`, each in a process of its own.
        "child-proxy" => request_path::proxy_child(rest),
        "child-backend" => request_path::backend_child(rest),
        _ => Err(USAGE.to_owned()),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn in_dist(arguments: &[String]) -> Result<ExitCode, String> {
    let cargo = |words: &[&str]| Command::new("cargo").args(words).status();
    let built = cargo(&["build", "--profile", "dist", "--package", "xtask", "--package", "mesh"]);
    if !built.map_err(|error| format!("cargo does not start: {error}"))?.success() {
        return Err("the dist build failed".to_owned());
    }
    let status = cargo(&[&["run", "--quiet", "--profile", "dist", "--package", "xtask", "--", "bench"], &*arguments.iter().map(String::as_str).collect::<Vec<_>>()].concat())
        .map_err(|error| format!("cargo does not start: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The number after a flag, or the default.
fn number(arguments: &[String], flag: &str, default: u64) -> Result<u64, String> {
    let Some(at) = arguments.iter().position(|word| word == flag) else { return Ok(default) };
    let text = arguments.get(at + 1).ok_or_else(|| format!("{flag} needs a number"))?;
    text.parse().map_err(|_| format!("{flag} needs a number, not `{text}`"))
}
