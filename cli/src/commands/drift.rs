//! `mesh drift`: proxies that do not enforce what they were given.

use serde::Deserialize;
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::operator_api::Operator;
use crate::table::table;
use crate::terminal::Terminal;

use super::status::{Output, short};

/// Arguments of `mesh drift`.
pub(crate) use super::status::Args;

/// The operator's answer to `/v1/drift`, as far as a person is shown it.
#[derive(Debug, Deserialize)]
struct Drift {
    proxies: Vec<Drifted>,
}

#[derive(Debug, Deserialize)]
struct Drifted {
    workload: String,
    kind: String,
    #[serde(default)]
    given: Option<State>,
    #[serde(default)]
    reported: Option<State>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    since: Option<String>,
}

#[derive(Debug, Deserialize)]
struct State {
    #[serde(default)]
    digest: Option<String>,
}

/// Prints what drifted; finding something is exit code 1.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let answer: Value = Operator::of(&args.state_dir).ask("/v1/drift")?;
    let drift: Drift = serde_json::from_value(answer.clone())
        .map_err(|error| crate::operator_api::OperatorError::Answer(error.to_string()))?;
    match args.output {
        Output::Json => writeln!(terminal.out, "{answer:#}")?,
        Output::Text if drift.proxies.is_empty() => {
            writeln!(terminal.out, "every proxy enforces what it was given")?;
        }
        Output::Text => terminal.out.write_all(text(&drift).as_bytes())?,
    }
    Ok(if drift.proxies.is_empty() {
        Exit::Success
    } else {
        Exit::Findings
    })
}

fn text(drift: &Drift) -> String {
    let digest = |state: &Option<State>| {
        let digest = state.as_ref().and_then(|state| state.digest.as_deref());
        digest.map_or("-", short).to_owned()
    };
    let rows = drift.proxies.iter().map(|proxy| {
        [
            proxy.workload.clone(),
            proxy.kind.clone(),
            digest(&proxy.given),
            digest(&proxy.reported),
            proxy.since.clone().unwrap_or_else(|| "-".to_owned()),
            proxy.reason.clone().unwrap_or_default(),
        ]
    });
    table(
        ["proxy", "drift", "given", "reported", "since", "reason"],
        rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator_api::canned;
    use crate::terminal::recorded;

    fn output(answer: &str) -> (Exit, String) {
        let state = tempfile::tempdir().unwrap();
        canned::operator(state.path(), "200 OK", answer);
        let (mut terminal, out, _) = recorded::terminal();
        let args = Args {
            state_dir: state.path().to_owned(),
            output: Output::Text,
        };
        (run(&args, &mut terminal).unwrap(), out.text())
    }

    #[test]
    fn no_drift_is_a_yes() {
        let expected = "every proxy enforces what it was given\n".to_owned();
        assert_eq!(output(r#"{"proxies": []}"#), (Exit::Success, expected));
    }

    #[test]
    fn a_proxy_on_another_digest_is_a_finding() {
        let (exit, text) = output(
            r#"{"proxies": [{"workload": "shop/ratings", "kind": "digest", "given": {"digest": "aa"},
                "reported": {"digest": "bb"}, "reason": "not what was sent", "since": "2026-12-01T00:00:00Z"}]}"#,
        );
        assert_eq!(exit, Exit::Findings);
        let expected = "\
proxy         drift   given  reported  since                 reason
shop/ratings  digest  aa     bb        2026-12-01T00:00:00Z  not what was sent
";
        assert_eq!(text, expected);
    }
}
