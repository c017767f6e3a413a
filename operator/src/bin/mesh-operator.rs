//! The operator as a binary of its own, for images; `mesh operator` is the same.

use std::process::ExitCode;

use clap::Parser;
use mesh_operator::OperatorArgs;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Follows a repository of intents and runs the mesh by it
#[derive(Parser)]
#[command(name = "mesh-operator", version)]
struct Arguments {
    #[command(flatten)]
    operator: OperatorArgs,
}

fn main() -> ExitCode {
    if let Some(code) = mesh_operator::fetch::child_if_asked() {
        return code;
    }
    let run = Arguments::parse()
        .operator
        .into_config()
        .and_then(mesh_operator::run);
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the one place where this binary speaks"
)]
fn report(error: &dyn std::error::Error) {
    eprintln!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  because {cause}");
        source = cause.source();
    }
}
