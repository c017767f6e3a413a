//! `mesh operator`, `mesh proxy` and the hidden children: started here, built elsewhere.

use mesh_operator::OperatorArgs;
use mesh_proxy::ProxyArgs;

use crate::exit::{Exit, Failure, ServerError};
use crate::sample_app;

/// Runs the operator until it is told to stop.
pub(crate) fn operator(args: OperatorArgs) -> Result<Exit, Failure> {
    let config = args.into_config().map_err(failed)?;
    mesh_operator::run(config).map_err(failed)?;
    Ok(Exit::Success)
}

/// Runs a proxy until it is told to stop.
pub(crate) fn proxy(args: ProxyArgs) -> Result<Exit, Failure> {
    let config = args.into_config().map_err(failed)?;
    mesh_proxy::run(config).map_err(failed)?;
    Ok(Exit::Success)
}

/// Serves the sample applications until standard input ends.
pub(crate) fn sample_app() -> Result<Exit, Failure> {
    sample_app::run().map_err(failed)?;
    Ok(Exit::Success)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ServerError {
    ServerError(Box::new(error))
}
