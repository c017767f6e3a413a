//! `mesh token create`: what a proxy needs to join.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::operator_api::Operator;
use crate::terminal::Terminal;

use super::status::Output;

/// Arguments of `mesh token`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Makes a join token: for one use, ten minutes and one identity
    Create(Create),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The operator's state directory, with its socket
    #[arg(long, value_name = "DIR")]
    state_dir: PathBuf,
    /// A workload of the inventory, as namespace/name
    #[arg(long, value_name = "NS/NAME", required_unless_present = "identity")]
    workload: Option<String>,
    /// Or an identity, as spiffe://…
    #[arg(long, value_name = "SPIFFE-ID", conflicts_with = "workload")]
    identity: Option<String>,
    /// text prints the token alone
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// A join token as the operator hands it out.
#[derive(Debug, Deserialize, serde::Serialize)]
pub(crate) struct Minted {
    /// `id.secret.root`.
    pub(crate) token: String,
    /// Whom it lets in.
    pub(crate) identity: String,
    /// Until when.
    pub(crate) expires: String,
}

/// Asks the operator for a token and prints it.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let Action::Create(create) = &args.action;
    let whom = match (&create.workload, &create.identity) {
        (Some(workload), _) => json!({ "workload": workload }),
        (None, identity) => json!({ "identity": identity }),
    };
    let minted: Minted = Operator::of(&create.state_dir).tell("/v1/tokens", &whom)?;
    match create.output {
        Output::Text => {
            writeln!(terminal.out, "{}", minted.token)?;
            writeln!(
                terminal.err,
                "for {} until {}",
                minted.identity, minted.expires
            )?;
        }
        Output::Json => writeln!(terminal.out, "{}", json!(minted))?,
    }
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator_api::canned;
    use crate::terminal::recorded;

    #[test]
    fn the_token_alone_goes_to_standard_output() {
        let state = tempfile::tempdir().unwrap();
        let answer = r#"{"token": "a.b.c", "identity": "spiffe://x/ns/a/sa/b", "expires": "2026-12-01T00:00:00Z"}"#;
        let operator = canned::operator(state.path(), "200 OK", answer);
        let (mut terminal, out, _) = recorded::terminal();
        let create = Create {
            state_dir: state.path().to_owned(),
            workload: Some("a/b".into()),
            identity: None,
            output: Output::Text,
        };
        let action = Action::Create(create);
        run(&Args { action }, &mut terminal).unwrap();
        assert_eq!(out.text(), "a.b.c\n");
        let asked = operator.join().unwrap();
        assert!(asked.starts_with("POST /v1/tokens HTTP/1.1\r\n"));
        assert!(asked.ends_with(r#"{"workload":"a/b"}"#));
    }
}
