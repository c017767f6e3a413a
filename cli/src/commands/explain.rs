//! `mesh explain`: what a diagnostic means and how to end it, or what a field says.

mod field;

use mesh_compiler::{CodeInfo, codes, find_code};

use crate::exit::{Exit, Failure};
use crate::table::table;
use crate::terminal::Terminal;

/// Arguments of `mesh explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A code (M0201), a kind (Route) or a field (Route.rules.retries); left out: every code
    subject: Option<String>,
}

/// Prints the page of one code, kind or field, or the list of all codes.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let text = match &args.subject {
        None => list(),
        Some(subject) => explain(subject).map_err(Failure::Question)?,
    };
    terminal.out.write_all(text.as_bytes())?;
    Ok(Exit::Success)
}

fn explain(subject: &str) -> Result<String, String> {
    if let Some(info) = find_code(subject) {
        return Ok(info.page.to_owned());
    }
    let looks_like_code = subject.len() > 1 && subject[1..].bytes().all(|it| it.is_ascii_digit());
    if looks_like_code && subject.starts_with(['M', 'm']) {
        let hint = "`mesh explain` lists those that there are";
        return Err(format!("there is no code `{subject}`; {hint}"));
    }
    field::page(subject)
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
