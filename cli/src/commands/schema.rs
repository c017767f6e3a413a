//! `mesh schema`: JSON Schemas of the intents, for editors.

use mesh_compiler::schema;

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// Arguments of `mesh schema`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A kind such as Route; left out: the names of all schemas
    kind: Option<String>,
}

/// Prints one schema, or the list of all.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let schemas = schema::all();
    let Some(kind) = &args.kind else {
        for (file, _) in &schemas {
            writeln!(terminal.out, "{}", stem(file))?;
        }
        return Ok(Exit::Success);
    };
    let wanted = |(file, _): &&(&'static str, String)| stem(file).eq_ignore_ascii_case(kind);
    let Some((_, text)) = schemas.iter().find(wanted) else {
        let hint = "`mesh schema` lists those that there are";
        return Err(Failure::Question(format!(
            "there is no schema `{kind}`; {hint}"
        )));
    };
    terminal.out.write_all(text.as_bytes())?;
    Ok(Exit::Success)
}

fn stem(file: &str) -> &str {
    file.split('.').next().unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    #[test]
    fn every_listed_schema_can_be_printed() {
        let (mut terminal, out, _) = recorded::terminal();
        run(&Args { kind: None }, &mut terminal).unwrap();
        for kind in out.text().lines() {
            let (mut terminal, out, _) = recorded::terminal();
            let kind = Some(kind.to_owned());
            run(&Args { kind }, &mut terminal).unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(&out.text()).is_ok());
        }
    }

    #[test]
    fn an_unknown_kind_is_an_error() {
        let (mut terminal, _, _) = recorded::terminal();
        let kind = Some("Nonsense".to_owned());
        assert!(matches!(
            run(&Args { kind }, &mut terminal),
            Err(Failure::Question(_))
        ));
    }
}
