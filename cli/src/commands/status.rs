//! `mesh status`: which commits were seen, and what each proxy enforces.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::operator_api::Operator;
use crate::table::table;
use crate::terminal::Terminal;

/// How many commits a person is shown.
const SHOWN: usize = 10;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Text,
    /// One JSON document; its shape is a contract.
    Json,
}

/// Arguments of `mesh status` and `mesh drift`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The operator's state directory, with its socket
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: PathBuf,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

/// The operator's answer to `/v1/status`, as far as it is read here.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    /// The newest first.
    pub(crate) commits: Vec<Commit>,
    /// Every workload of the plan.
    pub(crate) proxies: Vec<Proxy>,
    /// The commit that proxies are given.
    #[serde(default)]
    pub(crate) live: Option<String>,
}

/// A commit that was seen.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// A Git object name, or `files-…`.
    pub(crate) id: String,
    /// `live`, `rejected` or `superseded`.
    pub(crate) outcome: String,
    /// Why, where it was rejected; warnings otherwise.
    #[serde(default)]
    pub(crate) diagnostics: Vec<Finding>,
}

/// A diagnostic that the operator kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// `M0123`.
    pub(crate) code: String,
    /// `error` or `warning`.
    pub(crate) severity: String,
    /// One line.
    pub(crate) message: String,
    /// Relative to the directory of intents.
    pub(crate) file: String,
    /// One-based.
    pub(crate) line: u32,
}

/// A proxy as the operator knows it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Proxy {
    /// `namespace/name`.
    pub(crate) workload: String,
    /// Its SPIFFE ID.
    pub(crate) identity: String,
    /// What it enforces.
    pub(crate) commit: Option<String>,
    /// Of what it enforces.
    pub(crate) digest: Option<String>,
    /// `current`, `behind`, `refused` or `silent`.
    pub(crate) state: String,
    /// Its certificate.
    #[serde(default)]
    pub(crate) certificate: Option<Certificate>,
}

/// A proxy's certificate.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Certificate {
    /// RFC 3339.
    pub(crate) not_after: Option<String>,
}

/// Prints commits and proxies.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let operator = Operator::of(&args.state_dir);
    match args.output {
        Output::Json => {
            let answer: Value = operator.ask("/v1/status")?;
            writeln!(terminal.out, "{answer:#}")?;
        }
        Output::Text => {
            let status: Status = operator.ask("/v1/status")?;
            terminal.out.write_all(text(&status).as_bytes())?;
        }
    }
    Ok(Exit::Success)
}

fn text(status: &Status) -> String {
    let more = match status.commits.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("… and {more} more\n"),
    };
    let proxies = status.proxies.iter().map(|proxy| {
        [
            proxy.workload.clone(),
            proxy.state.clone(),
            proxy.commit.as_deref().map_or("-", short).to_owned(),
            proxy.digest.as_deref().map_or("-", short).to_owned(),
            not_after(proxy).to_owned(),
        ]
    });
    let commits = table(["commit", "outcome", "findings"], commits(status));
    let head = ["proxy", "state", "commit", "digest", "certificate until"];
    format!("{commits}{more}\n{}", table(head, proxies))
}

fn commits(status: &Status) -> impl Iterator<Item = [String; 3]> {
    status.commits.iter().take(SHOWN).flat_map(|commit| {
        let first = commit
            .diagnostics
            .first()
            .map_or(String::new(), Finding::to_string);
        let head = [short(&commit.id).to_owned(), commit.outcome.clone(), first];
        let rest = commit.diagnostics.iter().skip(1);
        let rest = rest.map(|diagnostic| [String::new(), String::new(), diagnostic.to_string()]);
        std::iter::once(head).chain(rest)
    })
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            severity,
            message,
            file,
            line,
        } = self;
        write!(f, "{file}:{line}: {severity}[{code}]: {message}")
    }
}

fn not_after(proxy: &Proxy) -> &str {
    let certificate = proxy.certificate.as_ref();
    certificate
        .and_then(|it| it.not_after.as_deref())
        .unwrap_or("-")
}

/// The first twelve characters of a commit or digest.
pub(crate) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator_api::canned;
    use crate::terminal::recorded;

    const ANSWER: &str = r#"{
        "commits": [
            {"id": "8f1c2d3e4f5a6b7c", "outcome": "rejected", "diagnostics": [{"code": "M0201",
             "severity": "error", "message": "no service `revews`", "help": null,
             "file": "teams/web/reviews.yaml", "line": 7, "column": 3, "end_line": 7, "end_column": 9}]},
            {"id": "0123456789abcdef", "outcome": "live", "diagnostics": []}],
        "proxies": [
            {"workload": "shop/reviews-v1", "identity": "spiffe://x/ns/shop/sa/reviews",
             "commit": "0123456789abcdef", "digest": "ffeeddccbbaa9988", "state": "current",
             "certificate": {"not_after": "2026-12-01T00:00:00Z"}},
            {"workload": "shop/ratings", "identity": "spiffe://x/ns/shop/sa/ratings",
             "commit": null, "digest": null, "state": "silent", "certificate": {"not_after": null}}]}"#;

    fn output(output: Output) -> String {
        let state = tempfile::tempdir().unwrap();
        canned::operator(state.path(), "200 OK", ANSWER);
        let (mut terminal, out, _) = recorded::terminal();
        let state_dir = state.path().to_owned();
        run(&Args { state_dir, output }, &mut terminal).unwrap();
        out.text()
    }

    #[test]
    fn people_see_commits_then_proxies() {
        let expected = "\
commit        outcome   findings
8f1c2d3e4f5a  rejected  teams/web/reviews.yaml:7: error[M0201]: no service `revews`
0123456789ab  live

proxy            state    commit        digest        certificate until
shop/reviews-v1  current  0123456789ab  ffeeddccbbaa  2026-12-01T00:00:00Z
shop/ratings     silent   -             -             -
";
        assert_eq!(output(Output::Text), expected);
    }

    #[test]
    fn machines_see_all_that_the_operator_said() {
        let said: Value = serde_json::from_str(ANSWER).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&output(Output::Json)).unwrap(),
            said
        );
    }
}
