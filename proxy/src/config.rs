//! What the command line says, and the one place that makes configuration of it.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use mesh_ir::Name;

use crate::telemetry::AccessLogTarget;

/// The arguments of `mesh proxy` as they are written.
#[derive(Debug, Clone, Args)]
pub struct ProxyArgs {
    /// The workload that this proxy stands beside
    #[arg(long, value_name = "NS/NAME")]
    pub workload: String,
    /// Where the operator serves xDS
    #[arg(long, value_name = "HOST:PORT")]
    pub operator: String,
    /// A file with a join token; not needed once the proxy has an identity on disk
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Where identity and last good bundle are kept
    #[arg(long, value_name = "DIR")]
    pub state_dir: PathBuf,
    /// Threads that serve connections
    #[arg(long, value_name = "N", default_value = "1")]
    pub workers: NonZeroUsize,
    /// Where the access log goes (`-` is standard output); none where it is left out
    #[arg(long, value_name = "FILE|-")]
    pub access_log: Option<PathBuf>,
    /// The admin address on loopback, instead of the one that the inventory names
    #[arg(long, value_name = "ADDR")]
    pub admin: Option<SocketAddr>,
    /// How long requests and streams may go on after SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub drain_seconds: u64,
    /// How much is logged, as a filter: `info`, `mesh_proxy=debug`
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// The shape of the log on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// The shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// What a proxy runs by: made of [`ProxyArgs`], nothing else.
#[derive(Debug, Clone)]
pub struct ProxyConfig {
    pub(crate) workload: String,
    pub(crate) operator: String,
    pub(crate) token_file: Option<PathBuf>,
    pub(crate) state_dir: PathBuf,
    pub(crate) workers: NonZeroUsize,
    pub(crate) access_log: AccessLogTarget,
    pub(crate) admin: Option<SocketAddr>,
    pub(crate) drain: Duration,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
}

/// Why arguments are no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidConfig {
    /// Not `namespace/name`.
    #[error("--workload is `namespace/name`, not `{0}`")]
    Workload(String),
    /// Without a port, or without a host.
    #[error("--operator is `host:port`, not `{0}`")]
    Operator(String),
    /// The admin interface is for this machine only.
    #[error("--admin must be an address on loopback, not {0}")]
    Admin(SocketAddr),
    /// More than is sensible.
    #[error("--workers is at most 256, not {0}")]
    Workers(usize),
}

impl ProxyArgs {
    /// Checks and takes the arguments.
    pub fn into_config(self) -> Result<ProxyConfig, InvalidConfig> {
        let is_name = |text: &str| Name::parse(text).is_ok();
        match self.workload.split_once('/') {
            Some((namespace, name)) if is_name(namespace) && !name.is_empty() => {}
            _ => return Err(InvalidConfig::Workload(self.workload)),
        }
        match self.operator.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {}
            _ => return Err(InvalidConfig::Operator(self.operator)),
        }
        if let Some(admin) = self.admin.filter(|admin| !admin.ip().is_loopback()) {
            return Err(InvalidConfig::Admin(admin));
        }
        if self.workers.get() > 256 {
            return Err(InvalidConfig::Workers(self.workers.get()));
        }
        Ok(ProxyConfig {
            workload: self.workload,
            operator: self.operator,
            token_file: self.token_file,
            state_dir: self.state_dir,
            workers: self.workers,
            access_log: match self.access_log {
                None => AccessLogTarget::Off,
                Some(path) if path.as_os_str() == "-" => AccessLogTarget::Stdout,
                Some(path) => AccessLogTarget::File(path),
            },
            admin: self.admin,
            drain: Duration::from_secs(self.drain_seconds),
            log: self.log,
            log_format: self.log_format,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ProxyArgs,
    }

    fn config(more: &[&str]) -> Result<ProxyConfig, InvalidConfig> {
        let line = ["mesh-proxy", "--state-dir", "/tmp/x"];
        Line::parse_from(line.iter().chain(more)).args.into_config()
    }

    #[test]
    fn the_plain_line_is_taken() {
        let config = config(&["--workload", "shop/reviews-v1", "--operator", "[::1]:7000"]);
        let config = config.unwrap();
        assert_eq!(config.workers.get(), 1);
        assert_eq!(config.access_log, AccessLogTarget::Off);
        assert_eq!(config.drain, Duration::from_secs(30));
    }

    #[test]
    fn what_cannot_work_is_refused_at_once() {
        let good = ["--workload", "shop/web", "--operator", "localhost:1"];
        let with = |more: &[&str]| config(&[&good[..], more].concat()).unwrap_err();
        assert_eq!(
            with(&["--admin", "10.0.0.1:1"]),
            InvalidConfig::Admin("10.0.0.1:1".parse().unwrap())
        );
        assert_eq!(
            config(&["--workload", "web", "--operator", "localhost:1"]).unwrap_err(),
            InvalidConfig::Workload("web".to_owned())
        );
        assert_eq!(
            config(&["--workload", "shop/web", "--operator", "localhost"]).unwrap_err(),
            InvalidConfig::Operator("localhost".to_owned())
        );
    }
}
