//! `mesh explain`: what a diagnostic means, and how to end it.

use mesh_compiler::{CodeInfo, codes, find_code};

use crate::exit::{Exit, Failure};
use crate::table::table;
use crate::terminal::Terminal;

/// Arguments of `mesh explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A code such as M0201; left out: a list of all codes
    code: Option<String>,
}

/// Prints the page of one code, or the list of all.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let text = match &args.code {
        None => list(),
        Some(code) => page(code)?.to_owned(),
    };
    terminal.out.write_all(text.as_bytes())?;
    Ok(Exit::Success)
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
            let code = Some(info.code.to_string().to_lowercase());
            assert_eq!(run(&Args { code }, &mut terminal).unwrap(), Exit::Success);
            assert_eq!(out.text(), info.page);
        }
    }

    #[test]
    fn an_unknown_code_is_an_error() {
        let (mut terminal, _, _) = recorded::terminal();
        let code = Some("M9999".to_owned());
        assert!(matches!(
            run(&Args { code }, &mut terminal),
            Err(Failure::Question(_))
        ));
    }
}
