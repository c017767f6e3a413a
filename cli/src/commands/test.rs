//! `mesh test`: do the repository's tests of policy hold?

mod human;
mod machine;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use mesh_compiler::policy_test::{CaseReport, Coverage, Filter, Mutant, Mutator, run as run_tests};
use mesh_compiler::render;
use mesh_compiler::{Compilation, SourceSet};
use mesh_ir::Timestamp;

use crate::answer::answer;
use crate::exit::{Exit, Failure};
use crate::intents::{IntentsArgs, base, human as explained, now};
use crate::terminal::Terminal;

/// Arguments of `mesh test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    intents: IntentsArgs,
    /// Only cases whose `namespace/name: case` holds one of these words
    #[arg(long, value_name = "WORD")]
    only: Vec<String>,
    /// Make small faults, one at a time, and list those that no case notices
    #[arg(long)]
    mutate: bool,
    /// What makes the exit code 1, beside cases that fail
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<Deny>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where the answer goes instead of to the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When, for cases that name no time, as RFC 3339; left out: now
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// Cases that fail, rules that no case reaches
    #[default]
    Human,
    /// One JSON document; its shape is a contract
    Json,
    /// XML as `JUnit` writes it
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// A comment for a pull request
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Rules that no case reaches
    Uncovered,
    /// Faults that no case notices
    Mutants,
}

/// Everything that is known after the cases were asked.
struct Outcome {
    cases: Vec<Case>,
    coverage: Coverage,
    /// `None`: nobody asked for faults.
    faults: Option<Faults>,
}

/// A case in one environment.
struct Case {
    environment: Option<String>,
    report: CaseReport,
}

/// How the faults went.
struct Faults {
    tried: usize,
    /// Those that no case of any environment notices.
    missed: Vec<Mutant>,
}

/// Compiles for each environment, asks, and says how it went.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let wall = args.at.map_or_else(now, |at| Timestamp(at.as_second()));
    let (set, each) = args.intents.each_at(wall)?;
    if let Some(broken) = each.iter().find(|it| it.mesh.is_none()) {
        let text = explained(broken, terminal.style);
        terminal.err.write_all(text.as_bytes())?;
        let why = "the intents have errors, so no case can be asked".to_owned();
        return Err(Failure::Question(why));
    }
    let filter = Filter {
        words: args.only.clone(),
    };
    let mut outcome = ask(&each, wall, &filter);
    if outcome.cases.is_empty() && !args.only.is_empty() {
        let words = args.only.join("`, `");
        return Err(Failure::Question(format!(
            "no case has `{words}` in its name"
        )));
    }
    let holds = outcome.cases.iter().all(Case::holds);
    if args.mutate && holds {
        outcome.faults = Some(mutate(&set, &each, wall, &filter));
    }
    let text = rendered(args, &outcome);
    answer(terminal, &text, args.output.as_deref())?;
    if args.mutate && !holds {
        writeln!(
            terminal.err,
            "no faults were made: first let every case hold"
        )?;
    }
    if args.output.is_some() || args.format != Format::Human {
        writeln!(terminal.err, "{}", human::summary(&outcome))?;
    }
    let denied = |what| args.deny.contains(&what);
    let uncovered = denied(Deny::Uncovered) && outcome.coverage.missed().next().is_some();
    let missed = outcome
        .faults
        .as_ref()
        .is_some_and(|it| !it.missed.is_empty());
    Ok(if !holds || uncovered || denied(Deny::Mutants) && missed {
        Exit::Findings
    } else {
        Exit::Success
    })
}

fn ask(each: &[Compilation], wall: Timestamp, filter: &Filter) -> Outcome {
    let mut cases = vec![];
    let mut coverage = Coverage::default();
    for compilation in each {
        let Some(mesh) = &compilation.mesh else {
            continue;
        };
        let (tests, sources) = (&compilation.tests, &compilation.sources);
        let report = run_tests(mesh, tests, sources, wall, filter);
        coverage = coverage.with(Coverage::of(mesh, &report.reached));
        let environment = compilation.environment.as_ref();
        cases.extend(report.cases.into_iter().map(|report| Case {
            environment: environment.map(ToString::to_string),
            report,
        }));
    }
    Outcome {
        cases,
        coverage,
        faults: None,
    }
}

fn mutate(set: &SourceSet, each: &[Compilation], wall: Timestamp, filter: &Filter) -> Faults {
    let mut noticed: BTreeMap<(String, u32, String), (bool, Mutant)> = BTreeMap::new();
    for compilation in each {
        let mutator = Mutator::new(set, compilation.environment.as_ref());
        for mutant in mutator.mutants() {
            let key = (mutant.file.clone(), mutant.line, mutant.what.clone());
            if noticed.get(&key).is_some_and(|(noticed, _)| *noticed) {
                continue;
            }
            let is_noticed = mutator.is_noticed(&mutant, wall, filter);
            noticed.insert(key, (is_noticed, mutant));
        }
    }
    let tried = noticed.len();
    let missed = noticed.into_values().filter(|(noticed, _)| !noticed);
    Faults {
        tried,
        missed: missed.map(|(_, mutant)| mutant).collect(),
    }
}

fn rendered(args: &Args, outcome: &Outcome) -> String {
    match args.format {
        Format::Human => human::text(outcome),
        Format::Json => machine::json(outcome),
        Format::Junit => machine::junit(outcome),
        Format::Github => {
            let base = base(&args.intents.path);
            render::github(&machine::findings(outcome), &base)
        }
        Format::Markdown => render::markdown(&machine::findings(outcome)),
    }
}

#[cfg(test)]
mod tests;
