//! `mesh explain`: what a diagnostic means and how to end it, or what a field says.

mod field;

use mesh_compiler::{CodeInfo, codes, find_code, schema};

use crate::exit::{Exit, Failure};
use crate::table::table;
use crate::terminal::Terminal;

const DEFAULTS: &str = "What is left out has the value that `mesh init` writes:\n\n";

/// Arguments of `mesh explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A code such as M0201, or a field such as Mesh.defaults; left out: a list of all codes
    subject: Option<String>,
}

/// Prints the page of one code, or the list of all.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let text = match &args.subject {
        None => list(),
        Some(subject) => match kind(subject) {
            Some(schema) => explain_field(&schema, subject)?,
            None => page(subject)?.to_owned(),
        },
    };
    terminal.out.write_all(text.as_bytes())?;
    Ok(Exit::Success)
}

/// The schema of the kind that a subject begins with.
fn kind(subject: &str) -> Option<String> {
    let kind = subject.split('.').next()?;
    let file = format!("{}.", kind.to_ascii_lowercase());
    let is_kind = kind.starts_with(|c: char| c.is_ascii_uppercase());
    let mut schemas = schema::all().into_iter().filter(|_| is_kind);
    schemas
        .find(|(name, _)| name.starts_with(&file))
        .map(|it| it.1)
}

fn explain_field(schema: &str, subject: &str) -> Result<String, Failure> {
    let schema = serde_json::from_str(schema).map_err(std::io::Error::from)?;
    let text = field::page(&schema, subject).map_err(Failure::Question)?;
    Ok(if subject.starts_with("Mesh") {
        format!("{text}\n{DEFAULTS}{}", include_str!("init/mesh.yaml"))
    } else {
        text
    })
}

fn page(code: &str) -> Result<&'static str, Failure> {
    let missing = || {
        let hint = "`mesh explain` lists those that there are";
        Failure::Question(format!("there is no code `{code}`; {hint}"))
    };
    find_code(code).map(|info| info.page).ok_or_else(missing)
}

fn list() -> String {
    let row = |info: &CodeInfo| {
        [
            info.code.to_string(),
            info.severity.to_string(),
            info.title.to_owned(),
        ]
    };
    table(["code", "severity", "title"], codes().iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    #[test]
    fn every_listed_code_has_a_page() {
        for info in codes() {
            let (mut terminal, out, _) = recorded::terminal();
            let subject = Some(info.code.to_string().to_lowercase());
            assert_eq!(
                run(&Args { subject }, &mut terminal).unwrap(),
                Exit::Success
            );
            assert_eq!(out.text(), info.page);
        }
    }

    #[test]
    fn fields_of_the_real_language_are_explained() {
        for subject in [
            "Mesh.defaults.retries",
            "Route.rules.to",
            "Access.allow.from",
            "Service.ports",
        ] {
            let (mut terminal, out, _) = recorded::terminal();
            let subject = Some(subject.to_owned());
            run(&Args { subject }, &mut terminal).unwrap();
            assert!(out.text().lines().count() > 1, "{}", out.text());
        }
    }

    #[test]
    fn an_unknown_code_is_an_error() {
        let (mut terminal, _, _) = recorded::terminal();
        let subject = Some("M9999".to_owned());
        assert!(matches!(
            run(&Args { subject }, &mut terminal),
            Err(Failure::Question(_))
        ));
    }
}
