use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use crate::error::OperatorError;

/// Logs go to standard error. A program that set up logging itself keeps its own.
pub(super) fn init(filter: &str) -> Result<(), OperatorError> {
    let filter =
        EnvFilter::try_new(filter).map_err(|_| OperatorError::LogFilter(filter.to_owned()))?;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .try_init();
    Ok(())
}
