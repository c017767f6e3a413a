//! Benches: our program and the peers side by side in one run, and a ratio.

#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

mod commit;
mod compile;
mod process;
mod request_path;
mod statistics;

const USAGE: &str = "usage: cargo xtask bench request-path [--rounds N] [--seconds N] [--rate N]
       cargo xtask bench compile [SERVICES…]
       cargo xtask bench commit [--commits N]";

/// Runs a bench by its name.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let (name, rest) = arguments.split_first().ok_or(USAGE)?;
    match *name {
        "request-path" => request_path::run(rest),
        "compile" => compile::run(rest),
        "commit" => commit::run(rest),
        // Children of `request-path`, each in a process of its own.
        "child-proxy" => request_path::proxy_child(rest),
        "child-backend" => request_path::backend_child(rest),
        _ => Err(USAGE.to_owned()),
    }
}

/// The number after a flag, or the default.
fn number(arguments: &[&str], flag: &str, default: u64) -> Result<u64, String> {
    let Some(at) = arguments.iter().position(|word| *word == flag) else {
        return Ok(default);
    };
    let text = arguments
        .get(at + 1)
        .ok_or_else(|| format!("{flag} needs a number"))?;
    text.parse()
        .map_err(|_| format!("{flag} needs a number, not `{text}`"))
}
