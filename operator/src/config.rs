use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use mesh_ir::Name;
use mesh_source::{FetchLimits, Limits};

use crate::error::OperatorError;

/// Between two looks at what also announces its changes.
const SLOW_POLL: Duration = Duration::from_secs(10);

/// The operator's command line.
#[derive(Debug, Clone, clap::Args)]
pub struct OperatorArgs {
    /// The repository to follow: a path, `file://…` or `https://…`
    #[arg(long, value_name = "URL|PATH")]
    pub repo: String,
    /// The branch to follow [default: the one checked out; of a remote, its own default]
    #[arg(long)]
    pub branch: Option<String>,
    /// The directory of intents inside the repository
    #[arg(long, default_value = "", hide_default_value = true)]
    pub directory: String,
    /// The environment that commits are compiled for; needed where they declare several
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    pub environment: Option<Name>,
    /// Where the store, the root key and the control socket lie
    #[arg(long, value_name = "DIR")]
    pub state_dir: PathBuf,
    /// Which workloads exist (YAML or JSON); read again when it changes
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// Where proxies connect
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9801")]
    pub xds: SocketAddr,
    /// Where /healthz, /readyz and /metrics are
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9802")]
    pub api: SocketAddr,
    /// Follow the files of the directory as they are saved, not commits
    #[arg(long, conflicts_with = "branch")]
    pub files: bool,
    /// Follow the branch where it was amended, rebased or reset as well
    #[arg(long)]
    pub accept_rewrite: bool,
    /// How often a remote repository is asked
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub poll: u64,
    /// How long one look at the repository may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub fetch_deadline: u64,
    /// Certificates (PEM) that vouch for an https repository, in place of the system's
    #[arg(long, value_name = "FILE", env = "SSL_CERT_FILE")]
    pub git_ca: Option<PathBuf>,
    /// What is logged on standard error: error, warn, info, debug, or a filter
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// The same, checked.
#[derive(Debug, Clone)]
pub struct OperatorConfig {
    /// What is followed.
    pub source: SourceConfig,
    /// The directory of intents, relative to the repository.
    pub directory: String,
    /// The environment that commits are compiled for; `None`: the only one, or none.
    pub environment: Option<Name>,
    /// Where state lies.
    pub state_dir: PathBuf,
    /// The inventory file.
    pub inventory: Option<PathBuf>,
    /// Where proxies connect.
    pub xds: SocketAddr,
    /// Health and metrics.
    pub api: SocketAddr,
    /// How a repository is read.
    pub reading: Reading,
    /// A `tracing` filter.
    pub log: String,
}

/// What is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceConfig {
    /// A repository on this machine, read in place.
    Local {
        /// Its work tree or bare directory.
        path: PathBuf,
        /// `None`: the checked-out one.
        branch: Option<String>,
    },
    /// A repository elsewhere, read through a bare mirror.
    Remote {
        /// `https://…`.
        url: String,
        /// `None`: the remote's default.
        branch: Option<String>,
    },
    /// A directory as it is, Git or not.
    Files {
        /// Which.
        path: PathBuf,
    },
}

/// The bounds within which a repository is read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Of the intents.
    pub limits: Limits,
    /// Of what a remote may send.
    pub fetch: FetchLimits,
    /// After which the child process is killed.
    pub deadline: Duration,
    /// Between two questions to a remote.
    pub poll: Duration,
    /// What becomes of a branch that was rewritten.
    pub rewrites: Rewrites,
    /// For https, in place of the system's certificates.
    pub git_ca: Option<PathBuf>,
    /// The binary that is started with [`crate::fetch::ARGUMENT`].
    pub program: PathBuf,
}

impl OperatorConfig {
    /// How often to look without being told: a local source announces its changes.
    pub(crate) fn poll(&self) -> Duration {
        match self.source {
            SourceConfig::Remote { .. } => self.reading.poll,
            SourceConfig::Local { .. } | SourceConfig::Files { .. } => SLOW_POLL,
        }
    }
}

/// What becomes of a branch whose new commit does not descend from the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewrites {
    /// It is not followed; status says so.
    Refuse,
    /// It is followed.
    Accept,
}

impl OperatorArgs {
    /// Checks the arguments.
    pub fn into_config(self) -> Result<OperatorConfig, OperatorError> {
        let program = std::env::current_exe().map_err(OperatorError::OwnProgram)?;
        Ok(OperatorConfig {
            source: source(self.repo, self.branch, self.files)?,
            directory: self.directory,
            environment: self.environment,
            state_dir: self.state_dir,
            inventory: self.inventory.map(absolute).transpose()?,
            xds: self.xds,
            api: self.api,
            reading: Reading {
                limits: Limits::default(),
                fetch: FetchLimits::default(),
                deadline: Duration::from_secs(self.fetch_deadline),
                poll: Duration::from_secs(self.poll),
                rewrites: if self.accept_rewrite {
                    Rewrites::Accept
                } else {
                    Rewrites::Refuse
                },
                git_ca: self.git_ca,
                program,
            },
            log: self.log,
        })
    }
}

fn source(
    repo: String,
    branch: Option<String>,
    files: bool,
) -> Result<SourceConfig, OperatorError> {
    let refused = |reason| OperatorError::Repository {
        repo: repo.clone(),
        reason,
    };
    let path = match repo.split_once("://") {
        None => PathBuf::from(&repo),
        Some(("file", path)) if path.starts_with('/') => PathBuf::from(path),
        Some(("file", _)) => return Err(refused("a file URL names an absolute path")),
        Some(_) if files => return Err(refused("--files needs a directory of this machine")),
        Some((scheme, rest)) => {
            check_remote(scheme, rest).map_err(refused)?;
            return Ok(SourceConfig::Remote { url: repo, branch });
        }
    };
    let path = absolute(path)?;
    Ok(if files {
        SourceConfig::Files { path }
    } else {
        SourceConfig::Local { path, branch }
    })
}

/// For what is watched, and for a child with another working directory.
fn absolute(path: PathBuf) -> Result<PathBuf, OperatorError> {
    std::path::absolute(&path).map_err(|source| OperatorError::Path { path, source })
}

/// Plain HTTP is for this machine: whoever can write on the wire could write policy.
fn check_remote(scheme: &str, rest: &str) -> Result<(), &'static str> {
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err("credentials in the URL are not supported yet");
    }
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) {
                host
            } else {
                authority
            }
        });
    match scheme {
        "https" => Ok(()),
        "http" if matches!(host, "127.0.0.1" | "localhost" | "[::1]") => Ok(()),
        "http" => Err("http is not authenticated; use https"),
        "ssh" | "git" => Err("only https and local repositories are supported yet"),
        _ => Err("the scheme is not known (https, file, or a path)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(repo: &str) -> Result<SourceConfig, OperatorError> {
        source(repo.to_owned(), None, false)
    }

    #[test]
    fn a_repository_is_a_path_or_an_https_url() {
        assert!(matches!(
            of("/srv/policies"),
            Ok(SourceConfig::Local { .. })
        ));
        assert!(matches!(
            of("file:///srv/policies"),
            Ok(SourceConfig::Local { .. })
        ));
        assert!(matches!(
            of("https://git.example/a"),
            Ok(SourceConfig::Remote { .. })
        ));
        assert!(matches!(
            of("http://127.0.0.1:80/a"),
            Ok(SourceConfig::Remote { .. })
        ));
        assert!(matches!(
            of("http://[::1]:80/a"),
            Ok(SourceConfig::Remote { .. })
        ));
    }

    #[test]
    fn what_cannot_be_trusted_or_is_not_supported_is_refused() {
        for repo in [
            "http://git.example/a",
            "http://127.0.0.1.example/a",
            "https://user:secret@git.example/a",
            "ssh://git.example/a",
            "ext::sh://x",
            "file://relative",
        ] {
            assert!(of(repo).is_err(), "{repo}");
        }
    }
}
