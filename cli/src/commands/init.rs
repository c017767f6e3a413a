//! `mesh init`: a first repository of intents.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};
use crate::terminal::Terminal;

/// What is written: path and text.
const FILES: [(&str, &str); 3] = [
    ("mesh.yaml", include_str!("init/mesh.yaml")),
    ("teams/demo/hello.yaml", include_str!("init/hello.yaml")),
    ("README.md", include_str!("init/README.md")),
];

/// Arguments of `mesh init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where; made if it is not there
    #[arg(default_value = ".")]
    directory: PathBuf,
}

/// Writes the files, or none where one of them is there already.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let there = |(path, _): &&(&str, &str)| args.directory.join(path).symlink_metadata().is_ok();
    if let Some((path, _)) = FILES.iter().find(there) {
        let path = args.directory.join(path);
        let refused = format!("{} is there already; nothing was written", path.display());
        return Err(Failure::Question(refused));
    }
    for (path, text) in FILES {
        write_new(&args.directory.join(path), text)?;
        writeln!(
            terminal.out,
            "wrote {}",
            args.directory.join(path).display()
        )?;
    }
    let directory = args.directory.display();
    writeln!(
        terminal.out,
        "\nNext: mesh check {directory} && mesh up {directory}"
    )?;
    Ok(Exit::Success)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(Failure::file("make", directory))?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(Failure::file("write", path))?;
    file.write_all(text.as_bytes())
        .map_err(Failure::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intents::{compile_directory, now};
    use crate::terminal::recorded;
    use mesh_compiler::Options;

    fn init(directory: &Path) -> Result<Exit, Failure> {
        let (mut terminal, _, _) = recorded::terminal();
        let directory = directory.to_owned();
        run(&Args { directory }, &mut terminal)
    }

    #[test]
    fn what_it_writes_compiles_without_a_finding() {
        let directory = tempfile::tempdir().unwrap();
        init(directory.path()).unwrap();
        let now = now();
        let options = Options::at(now);
        let compilation = compile_directory(directory.path(), options).unwrap();
        assert_eq!(compilation.diagnostics, []);
        assert!(compilation.mesh.is_some());
    }

    #[test]
    fn it_overwrites_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("README.md"), "mine").unwrap();
        assert!(matches!(init(directory.path()), Err(Failure::Question(_))));
        assert!(!directory.path().join("mesh.yaml").exists());
        assert_eq!(
            fs::read(directory.path().join("README.md")).unwrap(),
            b"mine"
        );
    }
}
