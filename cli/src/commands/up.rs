//! `mesh up`: the whole mesh on this machine.
//!
//! It is the inventory: one workload per service and version, each with its own
//! proxy, in front of one sample application for all. The operator follows the
//! branch that is checked out (or saved files); when a commit brings or removes
//! services, what runs follows. Everything ends with this process, however it ends.

mod child;
mod enrol;
mod hints;
mod jobs;
mod ports;
mod ready;
mod report;
mod run;
mod signals;
mod source;
mod state;
mod supervisor;
mod topology;

use std::path::PathBuf;

use mesh_ir::Name;

use crate::exit::{Exit, Failure, ServerError};
use crate::intents::enforceable_or_explain;
use crate::terminal::Terminal;

use super::status::Output;
use run::Up;
use source::{Follow, Source};
use state::State;
use supervisor::Restart;

/// Arguments of `mesh up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory of intents; commits of its checked-out branch are followed
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// For which environment; left out: the only one, or none
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    environment: Option<Name>,
    /// Follow saved files instead of commits
    #[arg(long)]
    watch: bool,
    /// Leave a process that died where it is
    #[arg(long)]
    no_restart: bool,
    /// Keep state here, to go on with it next time; left out: a directory that ends with the run
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// json: one JSON object on the first line when every workload is ready
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// Why the mesh could not be brought up or kept up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpError {
    /// The intents could not be read.
    #[error("cannot read the intents (`--watch` follows saved files instead of commits)")]
    Source(#[from] mesh_source::SourceError),
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] state::StateError),
    /// No port is free.
    #[error(transparent)]
    Ports(#[from] ports::PortsError),
    /// No runtime or no signals.
    #[error("cannot start a runtime")]
    Runtime(#[source] std::io::Error),
    /// Something did not come up.
    #[error("{name} {how}; the end of {}:\n{tail}", log.display())]
    Child {
        /// Which process.
        name: String,
        /// What happened to it.
        how: String,
        /// Where it writes.
        log: PathBuf,
        /// What it wrote last.
        tail: String,
    },
}

impl From<UpError> for Failure {
    fn from(error: UpError) -> Self {
        ServerError(Box::new(error)).into()
    }
}

/// Brings the mesh up and keeps it up until it is told to stop.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let follow = if args.watch {
        Follow::Files
    } else {
        Follow::Commits
    };
    let source = Source::of(&args.path, follow).map_err(UpError::from)?;
    let environment = args.environment.as_ref();
    let compilation = source.compile(environment).map_err(UpError::from)?;
    let Some(mesh) = enforceable_or_explain(&compilation, terminal)? else {
        writeln!(
            terminal.err,
            "nothing was started: the first revision does not compile"
        )?;
        return Ok(Exit::Findings);
    };
    let state = State::open(args.state_dir.as_deref()).map_err(UpError::from)?;
    let restart = if args.no_restart {
        Restart::Never
    } else {
        Restart::Always
    };
    // One thread: a child ends with the thread that started it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(UpError::Runtime)?;
    runtime.block_on(async {
        let up = Up::new(source, environment, state, restart)?;
        up.run(mesh, args.output, terminal).await
    })
}
