//! The arguments of `mesh`, and which command they lead to.

use clap::{CommandFactory as _, Parser, Subcommand};
use mesh_operator::OperatorArgs;
use mesh_proxy::ProxyArgs;

use crate::commands::{
    check, compile, completions, diff, drift, explain, fmt, graph, init, inventory, lsp, prove,
    schema, servers, simulate, status, test, token, up,
};
use crate::exit::{Exit, Failure, ServerError};
use crate::lifeline;
use crate::terminal::Terminal;

/// A service mesh that is run from Git.
#[derive(Debug, Parser)]
#[command(name = "mesh", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// End when the process with this id, which started us, ends
    #[arg(long, hide = true, value_name = "PID")]
    end_with: Option<u32>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a first repository of intents
    Init(init::Args),
    /// Is it right? Exit code 0: yes, 1: there are findings, 2: could not run
    Check(check::Args),
    /// What it means: roles, their bundles and digests
    Compile(compile::Args),
    /// What changes, and for which requests? Exit code 0: nothing, 1: something, 2: could not run
    Diff(diff::Args),
    /// Is it true of every request? Exit code 0: proved, 1: here is one, 2: not decided
    Prove(Box<prove::Args>),
    /// What happens to a request, step by step
    Simulate(simulate::Args),
    /// Do the tests of policy hold? Exit code 0: yes, 1: one fails, 2: could not run
    Test(test::Args),
    /// What a diagnostic means and how to end it, or what a field says
    Explain(explain::Args),
    /// One layout for all intents
    Fmt(fmt::Args),
    /// Pictures of services, calls and trust
    Graph(graph::Args),
    /// What a cluster has, as a file that pull requests are checked against
    Inventory(inventory::Args),
    /// What editors ask, over standard input and output
    Lsp(lsp::Args),
    /// JSON Schemas of the intents, for editors
    Schema(schema::Args),
    /// The whole mesh on this machine: operator, proxies, sample applications
    Up(up::Args),
    /// Which commits were seen, and what each proxy enforces
    Status(status::Args),
    /// Proxies that do not enforce what they were given
    Drift(drift::Args),
    /// Join tokens for proxies
    Token(token::Args),
    /// Follow a repository, issue certificates, tell the proxies
    Operator(Box<OperatorArgs>),
    /// Enforce the mesh beside one workload
    Proxy(Box<ProxyArgs>),
    /// What a shell needs to complete these words
    Completions(completions::Args),
    /// The applications of `mesh up`
    #[command(name = "__sample-app", hide = true)]
    SampleApp,
}

impl Arguments {
    /// Does what they say.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        if let Some(parent) = self.end_with {
            lifeline::end_with(parent).map_err(|error| ServerError(error.into()))?;
        }
        match self.command {
            Command::Init(args) => init::run(&args, terminal),
            Command::Check(args) => check::run(&args, terminal),
            Command::Compile(args) => compile::run(&args, terminal),
            Command::Diff(args) => diff::run(&args, terminal),
            Command::Prove(args) => prove::run(&args, terminal),
            Command::Simulate(args) => simulate::run(&args, terminal),
            Command::Test(args) => test::run(&args, terminal),
            Command::Explain(args) => explain::run(&args, terminal),
            Command::Fmt(args) => fmt::run(&args, terminal),
            Command::Graph(args) => graph::run(&args, terminal),
            Command::Inventory(args) => inventory::run(&args, terminal),
            Command::Lsp(args) => lsp::run(&args, terminal),
            Command::Schema(args) => schema::run(&args, terminal),
            Command::Up(args) => up::run(&args, terminal),
            Command::Status(args) => status::run(&args, terminal),
            Command::Drift(args) => drift::run(&args, terminal),
            Command::Token(args) => token::run(&args, terminal),
            Command::Operator(args) => servers::operator(*args),
            Command::Proxy(args) => servers::proxy(*args),
            Command::Completions(args) => completions::run(&args, Self::command(), terminal),
            Command::SampleApp => servers::sample_app(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn children_of_up_are_understood() {
        let line = ["mesh", "--end-with", "1", "__sample-app"];
        assert!(Arguments::try_parse_from(line).is_ok());
        let line = "mesh proxy --workload shop/reviews-v1 --operator 127.0.0.1:1 --token-file t --state-dir s";
        assert!(Arguments::try_parse_from(line.split(' ')).is_ok());
        let line = "mesh operator --repo . --branch main --directory d --state-dir s --inventory i --xds 127.0.0.1:1 --api 127.0.0.1:2";
        assert!(Arguments::try_parse_from(line.split(' ')).is_ok());
    }
}
