//! `mesh inventory`: what a cluster has, as a file.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use mesh_compiler::inventory::{Converted, from_kubernetes};

use crate::answer::answer;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// How much of what was left out is listed.
const LISTED: usize = 20;

/// Arguments of `mesh inventory`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `kubectl get services,pods,serviceaccounts -A -o json` wrote; `-` for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Only what is in these namespaces
    #[arg(long, short, value_name = "NAME", value_delimiter = ',')]
    namespace: Vec<String>,
    /// Where the inventory goes instead of to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Converts the objects of a cluster, and says what was left out.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let text = read(&args.file)?;
    let namespaces: BTreeSet<String> = args.namespace.iter().cloned().collect();
    let converted = from_kubernetes(&text, &namespaces);
    let Converted {
        inventory,
        left_out,
    } = converted.map_err(|error| Failure::Question(error.to_string()))?;
    let mut text = serde_json::to_string_pretty(&inventory).map_err(std::io::Error::from)?;
    text.push('\n');
    answer(terminal, &text, args.output.as_deref())?;
    let count = |it: Option<usize>| it.map_or("unknown".to_owned(), |it| it.to_string());
    let services = count(inventory.services.as_ref().map(Vec::len));
    let accounts = count(inventory.accounts.as_ref().map(Vec::len));
    let workloads = inventory.workloads.len();
    for why in left_out.iter().take(LISTED) {
        writeln!(terminal.err, "left out: {why}")?;
    }
    if let more @ 1.. = left_out.len().saturating_sub(LISTED) {
        writeln!(terminal.err, "left out: {more} more")?;
    }
    let summary = format!("workloads: {workloads}, services: {services}, accounts: {accounts}");
    writeln!(terminal.err, "{summary}")?;
    Ok(Exit::Success)
}

fn read(path: &Path) -> Result<String, Failure> {
    if path != Path::new("-") {
        return std::fs::read_to_string(path).map_err(Failure::file("read", path));
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(Failure::file("read", Path::new("standard input")))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intents::read_inventory;
    use crate::terminal::recorded;

    const LIST: &str = r#"{"kind": "List", "items": [
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "a"},
         "spec": {"selector": {"app": "a"}, "ports": [{"port": 80, "targetPort": 8080}]}},
        {"kind": "Pod", "metadata": {"namespace": "shop", "name": "a-1", "labels": {"app": "a"}},
         "spec": {"serviceAccountName": "a"}},
        {"kind": "Pod", "metadata": {"namespace": "shop", "name": "b-1"}}
    ]}"#;

    #[test]
    fn what_is_written_is_an_inventory() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cluster.json");
        std::fs::write(&file, LIST).unwrap();
        let output = directory.path().join("inventory.json");
        let args = Args {
            file,
            namespace: vec![],
            output: Some(output.clone()),
        };
        let (mut terminal, out, errors) = recorded::terminal();
        assert_eq!(run(&args, &mut terminal).unwrap(), Exit::Success);
        assert_eq!(out.text(), "");
        let expected = "left out: pod shop/b-1: no service selects it\n\
                        workloads: 1, services: 1, accounts: unknown\n";
        assert_eq!(errors.text(), expected);
        let inventory = read_inventory(&output).unwrap();
        assert_eq!(inventory.workloads[0].service, "a");
        assert!(inventory.accounts.is_none());
    }

    #[test]
    fn what_is_no_list_is_refused_and_nothing_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cluster.json");
        std::fs::write(&file, "kind: List").unwrap();
        let output = directory.path().join("inventory.json");
        let args = Args {
            file,
            namespace: vec![],
            output: Some(output.clone()),
        };
        let (mut terminal, _, _) = recorded::terminal();
        let refused = run(&args, &mut terminal);
        assert!(matches!(refused, Err(Failure::Question(_))));
        assert!(!output.exists());
    }
}
