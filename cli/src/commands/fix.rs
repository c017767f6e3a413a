//! `mesh check --fix`: what can be fixed mechanically is fixed in the files.

use mesh_compiler::fix::{Applied, Fixed};

use crate::exit::Failure;
use crate::intents::IntentsArgs;
use crate::rewrite;
use crate::terminal::Terminal;

/// Writes the fixed files and says on standard error what was done to them.
pub(crate) fn run(intents: &IntentsArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let Fixed { files, applied, .. } = intents.fix()?;
    for (path, bytes) in &files {
        rewrite::replace(&intents.path.join(&**path), bytes)?;
    }
    for Applied {
        path,
        line,
        code,
        message,
    } in &applied
    {
        writeln!(terminal.err, "fixed {path}:{line}: {code} {message}")?;
    }
    let things = if applied.len() == 1 {
        "thing"
    } else {
        "things"
    };
    let in_files = if files.len() == 1 { "file" } else { "files" };
    let (fixes, files) = (applied.len(), files.len());
    writeln!(terminal.err, "fixed {fixes} {things} in {files} {in_files}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    #[test]
    fn what_is_misspelt_is_mended_and_comments_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mesh.yaml");
        let text = "apiVersion: meshwright.dev/v1\nkind: Meshh   # one\nmetadata: {name: a, namespace: b}\nspec:\n  trustDomian: a.example   # kept\n";
        std::fs::write(&path, text).unwrap();
        let intents = IntentsArgs {
            path: directory.path().to_owned(),
            inventory: None,
            environment: None,
        };
        let (mut terminal, _, errors) = recorded::terminal();
        run(&intents, &mut terminal).unwrap();
        let fixed = "apiVersion: meshwright.dev/v1\nkind: Mesh   # one\nmetadata: {name: a}\nspec:\n  trustDomain: a.example   # kept\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), fixed);
        let said = errors.text();
        assert!(said.starts_with("fixed mesh.yaml:2: M0107 "), "{said}");
        assert!(said.ends_with("fixed 3 things in 1 file\n"), "{said}");
    }
}
