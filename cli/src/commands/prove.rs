//! `mesh prove`: is it true of every request?

mod claim;

use std::fmt::Write as _;

use clap::ArgGroup;
use mesh_compiler::prove::{self, Must, Proof};
use mesh_ir::Name;
use serde::Serialize;

use super::diff::SidesArgs;
use super::status::Output;
use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;
use claim::ClaimArgs;

/// Arguments of `mesh prove`.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("what").required(true).args(["equal", "only_narrows", "never", "always"]))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags, of which one is given"
)]
pub(crate) struct Args {
    /// Both sides do the same with every request
    #[arg(long)]
    equal: bool,
    /// Whatever HEAD lets through, BASE lets through too
    #[arg(long)]
    only_narrows: bool,
    /// None of these requests is let through
    #[arg(long, requires_all = ["from", "to"])]
    never: bool,
    /// All of these requests are let through
    #[arg(long, requires_all = ["from", "to"])]
    always: bool,
    /// Revisions or directories: BASE and perhaps HEAD, of a claim the one it is about;
    /// what is left out is the files as they are now
    #[arg(value_name = "BASE", num_args = 0..=2)]
    sides: Vec<String>,
    #[command(flatten)]
    claim: ClaimArgs,
    #[command(flatten)]
    common: SidesArgs,
    /// How the answer is written
    #[arg(long, short = 'o', alias = "format", value_enum, default_value_t)]
    output: Output,
}

/// What is proved of one environment.
type Proved = (Option<Name>, Proof);

/// Compiles, proves, and shows requests of which it is not true.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let proofs = if args.equal || args.only_narrows {
        of_pairs(args, terminal)?
    } else {
        of_claim(args, terminal)?
    };
    let report = Report::of(&proofs);
    match args.output {
        Output::Json => {
            let text = serde_json::to_string_pretty(&report).map_err(std::io::Error::from)?;
            writeln!(terminal.out, "{text}")?;
        }
        Output::Text => terminal.out.write_all(report.text().as_bytes())?,
    }
    Ok(match report.proof {
        "proved" => Exit::Success,
        "refuted" => Exit::Findings,
        _ => Exit::Undecided,
    })
}

fn of_pairs(args: &Args, terminal: &mut Terminal) -> Result<Vec<Proved>, Failure> {
    let base = args.sides.first().map_or("HEAD", String::as_str);
    let head = args.sides.get(1).map(String::as_str);
    let sides = args.common.compile(base, head, terminal)?;
    let proof = if args.equal {
        prove::equal
    } else {
        prove::only_narrows
    };
    let each = sides.pairs.into_iter().map(|pair| {
        let proof = proof(&pair.base, &pair.head, pair.now);
        (pair.environment, proof)
    });
    let alone = sides.alone.iter();
    let alone = alone.map(|it| (None, Proof::Undecided(vec![it.to_string()])));
    Ok(each.chain(alone).collect())
}

fn of_claim(args: &Args, terminal: &mut Terminal) -> Result<Vec<Proved>, Failure> {
    let side = args.sides.first().map(String::as_str);
    let must = if args.never {
        Must::Never
    } else {
        Must::Always
    };
    let mut proofs = vec![];
    for (environment, mesh, now) in args.common.compile_one(side, terminal)? {
        let claim = args.claim.claim(&mesh).map_err(Failure::Question)?;
        for note in args.claim.notes(&mesh) {
            writeln!(terminal.err, "note: {note}")?;
        }
        proofs.push((environment, prove::claim(&mesh, &claim, must, now)));
    }
    Ok(proofs)
}

/// The answer; as JSON its shape is a contract.
#[derive(Serialize)]
struct Report {
    /// `proved`, `refuted` or `undecided`.
    proof: &'static str,
    counterexamples: Vec<Counterexample>,
    undecided: Vec<String>,
}

#[derive(Serialize)]
struct Counterexample {
    from: String,
    to: String,
    witness: mesh_compiler::diff::Example,
    outcome: String,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
}

impl Report {
    fn of(proofs: &[Proved]) -> Self {
        let mut report = Self {
            proof: "proved",
            counterexamples: vec![],
            undecided: vec![],
        };
        for (environment, proof) in proofs {
            match proof {
                Proof::Proved => {}
                Proof::Refuted(shown) => {
                    let shown = shown.iter().map(|it| Counterexample {
                        from: it.from.clone(),
                        to: it.to.clone(),
                        witness: it.witness.clone(),
                        outcome: it.outcome.clone(),
                        lines: it.lines.clone(),
                        environment: environment.as_ref().map(ToString::to_string),
                    });
                    report.counterexamples.extend(shown);
                }
                Proof::Undecided(why) => report.undecided.extend(why.iter().cloned()),
            }
        }
        if !report.counterexamples.is_empty() {
            report.proof = "refuted";
        } else if !report.undecided.is_empty() {
            report.proof = "undecided";
        }
        report
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let mut put = |text: String| out.write_str(&text).expect("strings take text");
        for it in &self.counterexamples {
            let place = it.environment.as_ref();
            let place = place
                .map(|name| format!(" (in {name})"))
                .unwrap_or_default();
            put(format!("{} -> {}{place}\n", it.from, it.to));
            put(format!("    {}\n    {}\n", it.witness, it.outcome));
            put(format!("    {}\n\n", it.lines.join(", ")));
        }
        for why in &self.undecided {
            put(format!("undecided: {why}\n"));
        }
        put(format!("{}\n", self.proof));
        out
    }
}

#[cfg(test)]
mod tests;
