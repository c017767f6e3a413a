//! The proxy alone, for images: the same as `mesh proxy`.

use std::process::ExitCode;

use clap::Parser;
use mesh_proxy::{InvalidConfig, ProxyArgs, ProxyError};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Enforces a bundle beside a workload: mTLS, access, limits, routes
#[derive(Parser)]
#[command(version)]
struct Line {
    #[command(flatten)]
    args: ProxyArgs,
}

/// What ends this program with an error.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    #[error(transparent)]
    Proxy(#[from] ProxyError),
}

fn main() -> ExitCode {
    match start(Line::parse().args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            ExitCode::FAILURE
        }
    }
}

fn start(args: ProxyArgs) -> Result<(), Failure> {
    Ok(mesh_proxy::run(args.into_config()?)?)
}

#[expect(clippy::print_stderr, reason = "the last words of a program")]
fn tell(failure: &Failure) {
    eprintln!("mesh-proxy: {failure}");
}
