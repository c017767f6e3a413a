//! `mesh completions`: what a shell needs to complete our words.

use clap_complete::Shell;

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// Arguments of `mesh completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// For which shell
    shell: Shell,
}

/// Prints the completions of `command`.
pub(crate) fn run(
    args: &Args,
    mut command: clap::Command,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "mesh", &mut text);
    terminal.out.write_all(&text)?;
    Ok(Exit::Success)
}
