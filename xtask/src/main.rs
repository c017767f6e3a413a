//! Tasks of the repository: `cargo xtask <task>`.

#[cfg(feature = "bench")]
mod bench;
mod gen_proto;
mod gen_schema;
mod generated;

use std::path::Path;
use std::process::ExitCode;

/// As in the programs measured.
#[cfg(feature = "bench")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "\
usage: cargo xtask <task>
  gen           write every generated file
  gen --check   fail if one is stale
  bench …       measure: request-path, commit, compile";

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for the terminal"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace");
    let done = match arguments[..] {
        ["bench", ref rest @ ..] => return bench(rest),
        ["gen"] => generated::write(root).map(|written| {
            for path in &written {
                println!("wrote {}", path.display());
            }
            true
        }),
        ["gen", "--check"] => generated::check(root).map(|stale| {
            for path in &stale {
                eprintln!("stale: {} (run `cargo xtask gen`)", path.display());
            }
            stale.is_empty()
        }),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Benches measure the `dist` profile: outside it, this builds that and runs it.
#[cfg(not(feature = "bench"))]
#[expect(clippy::print_stderr, reason = "a tool for the terminal")]
fn bench(arguments: &[&str]) -> ExitCode {
    const MESH: [&str; 5] = ["build", "--profile", "dist", "--package", "mesh"];
    const XTASK: [&str; 9] = [
        "run",
        "--quiet",
        "--profile",
        "dist",
        "--package",
        "xtask",
        "--features",
        "bench",
        "--",
    ];
    let cargo = |words: &[&str]| std::process::Command::new("cargo").args(words).status();
    let measured = [&XTASK[..], &["bench"], arguments].concat();
    match cargo(&MESH).and_then(|built| {
        if built.success() {
            cargo(&measured)
        } else {
            Ok(built)
        }
    }) {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo does not start: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(feature = "bench")]
#[expect(clippy::print_stderr, reason = "a tool for the terminal")]
fn bench(arguments: &[&str]) -> ExitCode {
    match bench::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
