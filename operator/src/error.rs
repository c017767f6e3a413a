use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::ca::CaError;
use crate::store::StoreError;

/// Why the operator could not start or had to stop. What goes wrong with a
/// commit, a remote or a proxy is not here: it is shown and the operator goes on.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// `--repo` names nothing that can be followed.
    #[error("cannot follow `{repo}`: {reason}")]
    Repository {
        /// As given.
        repo: String,
        /// Why not.
        reason: &'static str,
    },
    /// A path that cannot be made absolute.
    #[error("cannot use the path `{}`", path.display())]
    Path {
        /// As given.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// `--log` is no filter.
    #[error("`{0}` is no log filter")]
    LogFilter(String),
    /// The path of the running program is not known, so no child can be started.
    #[error("cannot find the path of this program")]
    OwnProgram(#[source] io::Error),
    /// The state directory cannot be used.
    #[error("cannot use the state directory `{}`", path.display())]
    StateDir {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store cannot be opened or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The certificate authority cannot be opened.
    #[error("cannot open the certificate authority")]
    Ca(#[source] CaError),
    /// A listener cannot be bound.
    #[error("cannot listen on {address} for {what}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// `xds` or `api`.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The control socket cannot be made.
    #[error("cannot make the control socket `{}`", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The runtime or its signal handlers cannot be started.
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    /// A task that must not end has ended.
    #[error("the {0} task ended unexpectedly")]
    TaskEnded(&'static str),
}
