//! Tasks of the repository: `cargo xtask <task>`.

mod gen_proto;
mod gen_schema;
mod generated;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>
  gen           write every generated file
  gen --check   fail if one is stale";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the terminal")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace");
    let done = match arguments[..] {
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
