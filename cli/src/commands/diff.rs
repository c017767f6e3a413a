//! `mesh diff`: what a change does to requests.

mod sides;

use clap::ValueEnum;
use mesh_compiler::diff::{Change, ChangeKind, Diff, Lines, Open};
use mesh_compiler::render;

use crate::exit::{Exit, Failure};
use crate::intents::base;
use crate::terminal::Terminal;
pub(crate) use sides::SidesArgs;

/// Arguments of `mesh diff`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Before: a revision (`main`, `HEAD~2`) or a directory; left out: HEAD
    #[arg(value_name = "BASE")]
    base: Option<String>,
    /// After: a revision or a directory; left out: the files as they are now
    #[arg(value_name = "HEAD")]
    head: Option<String>,
    #[command(flatten)]
    sides: SidesArgs,
    /// How the answer is written
    #[arg(long, short = 'o', alias = "output", value_enum, default_value_t)]
    format: Format,
    /// Which changes make the exit code 1; left out: any
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// For a terminal
    #[default]
    Text,
    /// One JSON object; its shape is a contract
    Json,
    /// A comment for a pull request
    Markdown,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Was refused, is let through
    Opened,
    /// Was let through, is refused
    Closed,
    /// Goes elsewhere or is answered otherwise
    Rerouted,
    /// Other bounds of time, other retries
    Retimed,
    /// Other limits
    Relimited,
    /// Who somebody is, or how that is proved
    Reidentified,
    /// What is tried out says otherwise
    Shadowed,
    /// Is noted, or no longer
    Audited,
    /// Something is said in plain text that was not
    Plaintext,
    /// A bound was reached before the answer
    Undecided,
}

/// Compiles both sides, compares, and writes what changes.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let before = args.base.as_deref().unwrap_or("HEAD");
    let sides = args.sides.compile(before, args.head.as_deref(), terminal)?;
    let each = sides.pairs.iter().map(|pair| {
        let diff = mesh_compiler::diff::diff(&pair.base, &pair.head, pair.now);
        (pair.environment.clone(), diff)
    });
    let mut diff = Diff::merged(each.collect());
    diff.undecided.extend(sides.alone.iter().map(|it| Open {
        from: "anyone".to_owned(),
        to: "any service".to_owned(),
        why: it.to_string(),
        lines: Lines::default(),
    }));
    std::mem::forget(sides);
    let below = base(&args.sides.directory);
    let text = match args.format {
        Format::Text => diff.text(),
        Format::Json => {
            let text = serde_json::to_string_pretty(&diff.with_places());
            text.map_err(std::io::Error::from)? + "\n"
        }
        Format::Markdown => diff.markdown(),
        Format::Github => render::github(&diff.findings(), &below),
        Format::Sarif => render::sarif(&diff.findings(), &below),
    };
    terminal.out.write_all(text.as_bytes())?;
    Ok(if fails(&diff, &args.fail_on) {
        Exit::Findings
    } else {
        Exit::Success
    })
}

fn fails(diff: &Diff, fail_on: &[FailOn]) -> bool {
    if fail_on.is_empty() {
        return !diff.is_empty();
    }
    let undecided = fail_on.contains(&FailOn::Undecided) && !diff.undecided.is_empty();
    let named = |change: &Change| {
        let plain = change.plaintext && fail_on.contains(&FailOn::Plaintext);
        plain || fail_on.iter().any(|it| it.kind() == Some(change.kind))
    };
    undecided || diff.changes.iter().any(named)
}

impl FailOn {
    fn kind(self) -> Option<ChangeKind> {
        match self {
            Self::Opened => Some(ChangeKind::Opened),
            Self::Closed => Some(ChangeKind::Closed),
            Self::Rerouted => Some(ChangeKind::Rerouted),
            Self::Retimed => Some(ChangeKind::Retimed),
            Self::Relimited => Some(ChangeKind::Relimited),
            Self::Reidentified => Some(ChangeKind::Reidentified),
            Self::Shadowed => Some(ChangeKind::Shadowed),
            Self::Audited => Some(ChangeKind::Audited),
            Self::Plaintext | Self::Undecided => None,
        }
    }
}

#[cfg(test)]
mod tests;
