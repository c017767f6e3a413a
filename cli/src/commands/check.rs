//! `mesh check`: is it right?

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use mesh_compiler::{Compilation, Diagnostic, Severity, find_code, render};

use super::fix;
use crate::answer::answer;
use crate::exit::{Exit, Failure};
use crate::intents::{IntentsArgs, base, human};
use crate::terminal::{Style, Terminal};

/// How many ignored files are listed by name.
const LISTED: usize = 20;

/// Arguments of `mesh check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    intents: IntentsArgs,
    /// How findings are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where the findings go instead of to the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which findings make the exit code 1, beside errors
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<Deny>,
    /// Write what can be fixed mechanically into the files first
    #[arg(long)]
    fix: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// With an excerpt of the source
    #[default]
    Human,
    /// One line each: `file:line:column: severity[M0123]: text`
    Concise,
    /// One JSON document; its shape is a contract
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A Code Quality report of GitLab
    Gitlab,
    /// XML as `JUnit` writes it
    Junit,
    /// A comment for a pull request
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Every warning
    Warnings,
    /// Exceptions whose time is over
    Expired,
}

/// Compiles, writes the findings, and sums them up for a person.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if args.fix {
        fix::run(&args.intents, terminal)?;
    }
    let compilation = args.intents.check()?;
    let style = match &args.output {
        Some(_) => Style::Plain,
        None => terminal.style,
    };
    let text = rendered(args, &compilation, style);
    answer(terminal, &text, args.output.as_deref())?;
    if args.output.is_some() || matches!(args.format, Format::Human | Format::Concise) {
        write!(terminal.err, "{}", Ignored(&compilation.ignored))?;
        writeln!(terminal.err, "{}", summary(&compilation))?;
        if let Some(below) = misplaced(&compilation) {
            let path = args.intents.path.join(below);
            let path = path.strip_prefix(".").unwrap_or(&path).display();
            writeln!(
                terminal.err,
                "everything lies below {below}: is that the directory of intents? (`mesh check {path}`)"
            )?;
        }
    }
    let denied = |diagnostic: &Diagnostic| is_denied(diagnostic, &args.deny);
    Ok(if compilation.diagnostics.iter().any(denied) {
        Exit::Findings
    } else {
        Exit::Success
    })
}

fn rendered(args: &Args, compilation: &Compilation, style: Style) -> String {
    let (diagnostics, sources) = (&compilation.diagnostics, &compilation.sources);
    let findings = || render::findings(diagnostics, sources);
    let base = base(&args.intents.path);
    match args.format {
        Format::Human => human(compilation, style),
        Format::Concise => render::concise(diagnostics, sources),
        Format::Json => render::json(diagnostics, sources),
        Format::Sarif => render::sarif(&findings(), &base),
        Format::Github => render::github(&findings(), &base),
        Format::Gitlab => render::gitlab(&findings(), &base),
        Format::Junit => render::junit(&[render::suite_of("mesh check", &findings())]),
        Format::Markdown => render::markdown(&findings()),
    }
}

fn is_denied(diagnostic: &Diagnostic, deny: &[Deny]) -> bool {
    diagnostic.severity == Severity::Error
        || deny.contains(&Deny::Warnings)
        || deny.contains(&Deny::Expired) && is_about_expiry(diagnostic)
}

/// Whether a finding says that the time of an exception is over.
fn is_about_expiry(diagnostic: &Diagnostic) -> bool {
    let info = find_code(&diagnostic.code.to_string());
    info.is_some_and(|info| info.title.contains("expired"))
}

/// The one directory that all files lie in, where teams are said to own none of them: paths
/// of teams are relative to the directory of intents, so its parent was named.
fn misplaced(compilation: &Compilation) -> Option<&str> {
    let mut all = compilation.diagnostics.iter();
    if !all.any(|it| matches!(it.code.0, 302 | 304)) {
        return None;
    }
    let paths = compilation.sources.files().map(|(_, file)| &*file.path);
    let mut tops = paths.map(|path| path.split_once('/').map(|(top, _)| top));
    let first = tops.next()??;
    tops.all(|top| top == Some(first)).then_some(first)
}

fn summary(compilation: &Compilation) -> String {
    let count = |severity| {
        let all = compilation.diagnostics.iter();
        all.filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let findings = match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        (0, warnings) => plural(warnings, "warning"),
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => format!(
            "{}, {}",
            plural(errors, "error"),
            plural(warnings, "warning")
        ),
    };
    let files = plural(compilation.sources.files().count(), "file");
    match &compilation.mesh {
        Some(mesh) => format!(
            "{files}, {}: {findings}",
            plural(mesh.services.len(), "service")
        ),
        None => format!("{files}: {findings}"),
    }
}

/// What is not read as intents, so that nothing vanishes quietly.
struct Ignored<'a>(&'a [String]);

impl fmt::Display for Ignored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(paths) = self;
        if paths.is_empty() {
            return Ok(());
        }
        writeln!(f, "not read as intents:")?;
        for path in paths.iter().take(LISTED) {
            writeln!(f, "  {path}")?;
        }
        match paths.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => writeln!(f, "  … and {more} more"),
        }
    }
}

fn plural(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;
    use std::path::Path;

    const GOOD: &str = include_str!("init/mesh.yaml");

    fn check(files: &[(&str, &str)], format: Format, deny: Vec<Deny>) -> (Exit, String, String) {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(directory.path().join(path), text).unwrap();
        }
        run_on(directory.path(), format, deny)
    }

    fn run_on(path: &Path, format: Format, deny: Vec<Deny>) -> (Exit, String, String) {
        let (mut terminal, out, errors) = recorded::terminal();
        let intents = IntentsArgs {
            path: path.to_owned(),
            inventory: None,
            environment: None,
        };
        let args = Args {
            intents,
            format,
            output: None,
            deny,
            fix: false,
        };
        let exit = run(&args, &mut terminal).unwrap();
        (exit, out.text(), errors.text())
    }

    #[test]
    fn a_good_directory_is_a_yes_and_ignored_files_are_named() {
        let files = [("mesh.yaml", GOOD), ("mesh.yaml.bak", GOOD)];
        let (exit, out, errors) = check(&files, Format::Human, vec![]);
        assert_eq!((exit, out.as_str()), (Exit::Success, ""));
        let expected = "not read as intents:\n  mesh.yaml.bak\n1 file, 0 services: no findings\n";
        assert_eq!(errors, expected);
    }

    #[test]
    fn who_names_the_parent_of_the_intents_is_told_so() {
        let team = "apiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: all}\nspec: {owns: {mesh: true, directories: [teams]}}\n";
        let directory = tempfile::tempdir().unwrap();
        let teams = directory.path().join("policies/teams");
        std::fs::create_dir_all(&teams).unwrap();
        std::fs::write(teams.join("mesh.yaml"), format!("{GOOD}---\n{team}")).unwrap();
        let (_, _, errors) = run_on(directory.path(), Format::Human, vec![]);
        let hint = "everything lies below policies: is that the directory of intents?";
        assert!(errors.contains(hint), "{errors}");
        let (exit, _, errors) = run_on(&directory.path().join("policies"), Format::Human, vec![]);
        assert_eq!(
            (exit, errors.as_str()),
            (Exit::Success, "1 file, 0 services: no findings\n")
        );
    }

    #[test]
    fn an_error_is_a_no_in_every_format() {
        let files = [("mesh.yaml", "kind: [")];
        for format in Format::value_variants() {
            let (exit, out, _) = check(&files, *format, vec![]);
            assert_eq!(exit, Exit::Findings);
            assert!(out.contains("mesh.yaml"), "{out}");
        }
    }

    #[test]
    fn json_is_one_document_with_every_field() {
        let (_, out, errors) = check(&[("mesh.yaml", "kind: [")], Format::Json, vec![]);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let fields: Vec<_> = report["diagnostics"][0]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        let contract = [
            "code",
            "column",
            "end_column",
            "end_line",
            "file",
            "help",
            "line",
            "message",
            "severity",
        ];
        assert_eq!(fields, contract);
        assert_eq!(errors, "");
    }

    #[test]
    fn findings_go_to_a_file_where_one_is_named() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("mesh.yaml"), "kind: [").unwrap();
        let output = directory.path().join("findings.sarif");
        let (mut terminal, out, errors) = recorded::terminal();
        let intents = IntentsArgs {
            path: directory.path().to_owned(),
            inventory: None,
            environment: None,
        };
        let args = Args {
            intents,
            format: Format::Sarif,
            output: Some(output.clone()),
            deny: vec![],
            fix: false,
        };
        assert_eq!(run(&args, &mut terminal).unwrap(), Exit::Findings);
        let log: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(output).unwrap()).unwrap();
        assert_eq!(log["runs"][0]["results"][0]["ruleId"], "M0004");
        assert_eq!(out.text(), "");
        assert!(errors.text().contains("1 error"), "{}", errors.text());
    }

    #[test]
    fn a_missing_directory_cannot_be_checked() {
        let (mut terminal, _, _) = recorded::terminal();
        let intents = IntentsArgs {
            path: "/nonexistent/intents".into(),
            inventory: None,
            environment: None,
        };
        let args = Args {
            intents,
            format: Format::Human,
            output: None,
            deny: vec![],
            fix: false,
        };
        assert!(matches!(
            run(&args, &mut terminal),
            Err(Failure::Intents(_))
        ));
    }
}
