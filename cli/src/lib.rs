//! The `mesh` command line.
//!
//! One file per command under `commands`, each with its arguments (`Args`) and
//! `run`. Answers go to standard output, findings and progress to standard error;
//! the exit code is 0 for yes, 1 for findings, 2 where the question could not be
//! answered.

mod answer;
mod args;
mod commands;
mod exit;
mod intents;
mod lifeline;
mod operator_api;
mod rewrite;
mod sample_app;
mod table;
mod terminal;

pub use commands::simulate::simulate;

use std::process::ExitCode;

use clap::Parser as _;

/// Runs the command that the process's arguments name.
pub fn main() -> ExitCode {
    // The operator's child reads what strangers wrote: nothing of ours runs before.
    if let Some(exit) = mesh_operator::fetch::child_if_asked() {
        return exit;
    }
    let arguments = args::Arguments::parse();
    let mut terminal = terminal::Terminal::standard();
    let outcome = arguments.run(&mut terminal);
    exit::report(outcome, &mut terminal)
}
