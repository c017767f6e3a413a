//! `mesh fmt`: one layout for all intents.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use mesh_compiler::{
    Diagnostic, FileId, SourceFile, SourceProblem, SourceSet, Sources, Unformatted, format, render,
    unread,
};
use mesh_source::Limits;
use similar::TextDiff;

use crate::exit::{Exit, Failure};
use crate::intents::IntentsError;
use crate::rewrite;
use crate::terminal::{Style, Terminal};

/// Arguments of `mesh fmt`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, directories of intents, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write nothing; exit code 1 if a file has another layout
    #[arg(long)]
    check: bool,
    /// Write nothing; print what would change
    #[arg(long)]
    diff: bool,
    /// Print the text of one file instead of writing it
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    stdout: bool,
}

/// What became of the files.
#[derive(Debug, Default)]
struct Tally {
    changed: usize,
    unchanged: usize,
    refused: usize,
}

/// Formats every file that is named, or that lies in a directory that is.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let from_input = args.paths.iter().any(|path| path == Path::new("-"));
    if from_input || args.stdout {
        return print_one(args, terminal);
    }
    let mut tally = Tally::default();
    for path in &args.paths {
        let Found { files, problems } = files(path)?;
        for (path, file) in files {
            one(args, &path, &file, &mut tally, terminal)?;
        }
        tally.refused += problems.len();
        show(&unread(&problems), &SourceSet::default(), terminal)?;
    }
    writeln!(terminal.err, "{}", summary(args, &tally))?;
    let found = tally.refused > 0 || (args.check && tally.changed > 0);
    Ok(if found { Exit::Findings } else { Exit::Success })
}

/// What a path stands for.
struct Found {
    /// With where they lie.
    files: Vec<(PathBuf, SourceFile)>,
    /// What should be a file and cannot be read.
    problems: Vec<SourceProblem>,
}

/// The files below a directory as they are, or one file.
fn files(path: &Path) -> Result<Found, Failure> {
    if !path.is_dir() {
        let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
        let name = path.to_string_lossy().into_owned();
        let files = vec![(path.to_owned(), SourceFile::new(name, bytes))];
        let problems = vec![];
        return Ok(Found { files, problems });
    }
    let set = mesh_source::read_directory(path, &Limits::default()).map_err(|source| {
        let path = path.to_owned();
        IntentsError::Read { path, source }
    })?;
    let files = set.files.into_iter();
    Ok(Found {
        files: files.map(|file| (path.join(&*file.path), file)).collect(),
        problems: set.problems,
    })
}

fn one(
    args: &Args,
    path: &Path,
    file: &SourceFile,
    tally: &mut Tally,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let text = match format(FileId(0), file) {
        Ok(text) => text,
        Err(why) => {
            tally.refused += 1;
            return refuse(file, &why, terminal);
        }
    };
    if text.as_bytes() == &*file.content {
        tally.unchanged += 1;
        return Ok(());
    }
    tally.changed += 1;
    if args.diff {
        let old = String::from_utf8_lossy(&file.content);
        write!(terminal.out, "{}", diff(&old, &text, path))?;
    } else {
        writeln!(terminal.out, "{}", plain(path).display())?;
    }
    if args.check || args.diff {
        return Ok(());
    }
    rewrite::replace(path, text.as_bytes())
}

/// Why a file is left as it is.
fn refuse(file: &SourceFile, why: &Unformatted, terminal: &mut Terminal) -> Result<(), Failure> {
    match why {
        Unformatted::Invalid(findings) => {
            let set = SourceSet {
                files: vec![file.clone()],
                ..SourceSet::default()
            };
            show(findings, &set, terminal)?;
        }
        Unformatted::Unfaithful => {
            let report = "its layout cannot be changed without changing what it says";
            writeln!(
                terminal.err,
                "error: {}: {report}; please report it",
                file.path
            )?;
        }
    }
    Ok(())
}

fn show(findings: &[Diagnostic], set: &SourceSet, terminal: &mut Terminal) -> std::io::Result<()> {
    let colour = match terminal.style {
        Style::Plain => render::Colour::Never,
        Style::Colour => render::Colour::Always,
    };
    let text = render::human(findings, &Sources::new(set), colour);
    terminal.err.write_all(text.as_bytes())
}

/// One file or standard input, formatted, on standard output.
fn print_one(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let [path] = args.paths.as_slice() else {
        return Err(Failure::Question(
            "one path at a time can be printed".into(),
        ));
    };
    let file = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        SourceFile::new("<stdin>", bytes)
    } else if path.is_dir() {
        let text = format!("{} is a directory: name a file", path.display());
        return Err(Failure::Question(text));
    } else {
        files(path)?.files.remove(0).1
    };
    match format(FileId(0), &file) {
        Ok(text) => {
            terminal.out.write_all(text.as_bytes())?;
            Ok(Exit::Success)
        }
        Err(why) => {
            refuse(&file, &why, terminal)?;
            Ok(Exit::Findings)
        }
    }
}

/// A path without `.`: git takes no patch of `./a.yaml`.
fn plain(path: &Path) -> PathBuf {
    let parts = path.components();
    parts.filter(|it| *it != Component::CurDir).collect()
}

fn diff(old: &str, new: &str, path: &Path) -> String {
    let path = plain(path);
    let path = path.display();
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff()
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

fn summary(args: &Args, tally: &Tally) -> String {
    let would = if args.check || args.diff {
        "to format"
    } else {
        "formatted"
    };
    let mut text = format!(
        "{} {would}, {} as they should be",
        tally.changed, tally.unchanged
    );
    if tally.refused > 0 {
        let left = format!(", {} left as they are", tally.refused);
        text.push_str(&left);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    const UGLY: &str = "kind: Team # c\napiVersion: \"meshwright.dev/v1\"\n";
    const NEAT: &str = "apiVersion: meshwright.dev/v1\nkind: Team # c\n";

    fn args(directory: &Path) -> Args {
        Args {
            paths: vec![directory.to_owned()],
            check: false,
            diff: false,
            stdout: false,
        }
    }

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(directory.path().join(path), text).unwrap();
        }
        directory
    }

    #[test]
    fn files_are_written_in_their_layout_once() {
        let directory = directory(&[("a.yaml", UGLY), ("b.yaml", NEAT)]);
        let (mut terminal, out, errors) = recorded::terminal();
        let exit = run(&args(directory.path()), &mut terminal).unwrap();
        assert_eq!(exit, Exit::Success);
        assert!(out.text().ends_with("a.yaml\n") && !out.text().contains("b.yaml"));
        assert_eq!(errors.text(), "1 formatted, 1 as they should be\n");
        let written = std::fs::read_to_string(directory.path().join("a.yaml")).unwrap();
        assert_eq!(written, NEAT);
    }

    #[test]
    fn check_and_diff_write_nothing() {
        let directory = directory(&[("a.yaml", UGLY)]);
        let mut wanted = args(directory.path());
        wanted.check = true;
        wanted.diff = true;
        let (mut terminal, out, _) = recorded::terminal();
        assert_eq!(run(&wanted, &mut terminal).unwrap(), Exit::Findings);
        assert!(
            out.text().contains("+apiVersion: meshwright.dev/v1\n"),
            "{}",
            out.text()
        );
        let kept = std::fs::read_to_string(directory.path().join("a.yaml")).unwrap();
        assert_eq!(kept, UGLY);
    }

    #[test]
    fn a_patch_names_its_files_as_git_does() {
        let patch = diff("a\n", "b\n", Path::new("./teams/a.yaml"));
        assert!(
            patch.starts_with("--- a/teams/a.yaml\n+++ b/teams/a.yaml\n"),
            "{patch}"
        );
    }

    #[test]
    fn a_file_that_is_no_yaml_is_left_and_reported() {
        let directory = directory(&[("a.yaml", "kind: [\n"), ("b.yaml", UGLY)]);
        let (mut terminal, _, errors) = recorded::terminal();
        let exit = run(&args(directory.path()), &mut terminal).unwrap();
        assert_eq!(exit, Exit::Findings);
        assert!(errors.text().contains("M0004"), "{}", errors.text());
        assert!(
            errors
                .text()
                .contains("1 formatted, 0 as they should be, 1 left")
        );
        let kept = std::fs::read_to_string(directory.path().join("a.yaml")).unwrap();
        assert_eq!(kept, "kind: [\n");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_as_it_should_be() {
        let directory = directory(&[("a.yaml", NEAT)]);
        let large = "# x\n".repeat(300_000);
        std::fs::write(directory.path().join("large.yaml"), large).unwrap();
        let mut wanted = args(directory.path());
        wanted.check = true;
        let (mut terminal, _, errors) = recorded::terminal();
        assert_eq!(run(&wanted, &mut terminal).unwrap(), Exit::Findings);
        let said = errors.text();
        assert!(
            said.contains("M0013") && said.contains("large.yaml"),
            "{said}"
        );
        assert!(said.ends_with("0 to format, 1 as they should be, 1 left as they are\n"));
    }

    #[test]
    fn one_file_can_be_printed() {
        let directory = directory(&[("a.yaml", UGLY)]);
        let mut wanted = args(&directory.path().join("a.yaml"));
        wanted.stdout = true;
        let (mut terminal, out, _) = recorded::terminal();
        assert_eq!(run(&wanted, &mut terminal).unwrap(), Exit::Success);
        assert_eq!(out.text(), NEAT);
    }
}
