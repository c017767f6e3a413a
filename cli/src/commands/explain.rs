//! `mesh explain`: what a diagnostic means and how to end it, or what a field says.

mod document;
mod field;

use std::path::PathBuf;

use mesh_compiler::{CodeInfo, codes, find_code};

use crate::exit::{Exit, Failure};
use crate::intents::{IntentsArgs, mesh_or_explain};
use crate::table::table;
use crate::terminal::Terminal;

/// Arguments of `mesh explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A code (M0201), a kind (Route), a field (Route.rules.retries) or the rules of a
    /// document (Route/shop/reviews); left out: every code
    subject: Option<String>,
    /// The directory of intents, for a document
    #[arg(long, value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// For which environment, for a document; left out: the only one, or none
    #[arg(long, value_name = "NAME", value_parser = mesh_ir::Name::parse)]
    environment: Option<mesh_ir::Name>,
}

/// Prints the page of one code, kind or field, or the list of all codes.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let document = args.subject.as_deref().and_then(document::parse);
    let text = match (&args.subject, document) {
        (None, _) => list(),
        (Some(_), Some(document)) => {
            let document = document.map_err(Failure::Question)?;
            let intents = IntentsArgs {
                path: args.path.clone(),
                inventory: None,
                environment: args.environment.clone(),
            };
            let compilation = intents.compile()?;
            let Some(mesh) = mesh_or_explain(&compilation, terminal)? else {
                return Ok(Exit::Findings);
            };
            document.page(mesh).map_err(Failure::Question)?
        }
        (Some(subject), None) => explain(subject).map_err(Failure::Question)?,
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

    fn about(subject: Option<String>) -> Args {
        Args {
            subject,
            path: ".".into(),
            environment: None,
        }
    }

    #[test]
    fn the_rules_of_a_document_are_explained_in_their_order() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.yaml"), INTENTS).unwrap();
        let ask = |subject: &str| {
            let mut args = about(Some(subject.to_owned()));
            args.path = directory.path().to_owned();
            let (mut terminal, out, _) = recorded::terminal();
            run(&args, &mut terminal).map(|_| out.text())
        };
        let expected = "Route shop/a: its rules, in the order in which they decide

reads  (a.yaml:14)
  reached by  GET /x

all  (a.yaml:13)
  partly taken by  reads (a.yaml:14)
  still reached by  GET /
";
        assert_eq!(ask("Route/shop/a").unwrap(), expected);
        for subject in ["Route/shop/b", "Route/shop", "Team/shop/a", "Route/a/b/c"] {
            assert!(
                matches!(ask(subject), Err(Failure::Question(_))),
                "{subject}"
            );
        }
    }

    const INTENTS: &str = "apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
{apiVersion: meshwright.dev/v1, kind: Service, metadata: {name: a, namespace: shop}, spec: {ports: {http: 80}, versions: {v1: {}}}}
---
apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: a, namespace: shop}
spec:
  rules:
    - {name: all, to: [{version: v1}]}
    - {name: reads, match: [{methods: [GET], paths: [/x]}]}
  service: a
";

    #[test]
    fn every_listed_code_has_a_page() {
        for info in codes() {
            let (mut terminal, out, _) = recorded::terminal();
            let subject = Some(info.code.to_string().to_lowercase());
            assert_eq!(run(&about(subject), &mut terminal).unwrap(), Exit::Success);
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
            run(&about(subject), &mut terminal).unwrap();
            assert!(out.text().lines().count() > 1, "{}", out.text());
        }
    }

    #[test]
    fn an_unknown_code_is_an_error() {
        let (mut terminal, _, _) = recorded::terminal();
        let subject = Some("M9999".to_owned());
        assert!(matches!(
            run(&about(subject), &mut terminal),
            Err(Failure::Question(_))
        ));
    }
}
