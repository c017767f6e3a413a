use crate::diagnostic::{Code, CodeInfo, Diagnostic, Place, Severity, Span};
use crate::source_set::{ProblemKind, SourceProblem};

use super::short;

/// File was not read.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(13),
    title: "file was not read",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0013.md"),
};

/// A file over the compiler's own bound.
pub(in crate::syntax) fn too_large(at: Span, bytes: usize, limit: usize) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        format!("this file holds {bytes} bytes; at most {limit} are read"),
    )
    .help("spread the documents over several files")
}

/// What the reader of the files had to leave out.
pub(in crate::syntax) fn problem(problem: &SourceProblem) -> Diagnostic {
    let (message, help) = explain(&problem.kind);
    let place = Place::Path(problem.path.clone());
    let finding = Diagnostic::at(&INFO, place, short(&message, 80));
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn explain(kind: &ProblemKind) -> (String, Option<&'static str>) {
    match kind {
        ProblemKind::Symlink => (
            "symbolic links are not followed".to_owned(),
            Some("put the file itself here"),
        ),
        ProblemKind::Submodule => (
            "submodules are not entered".to_owned(),
            Some("put the files themselves into this repository"),
        ),
        ProblemKind::NotUtf8Name => (
            "the name of this file is not UTF-8".to_owned(),
            Some("rename the file"),
        ),
        ProblemKind::TooLarge { bytes, limit } => (
            format!("this file holds {bytes} bytes; at most {limit} are read"),
            Some("spread the documents over several files"),
        ),
        ProblemKind::TooManyFiles { limit } => (
            format!("the directory holds more than {limit} files; this and the next were not read"),
            Some("raise the limit of whoever reads it, or remove what is no intent"),
        ),
        ProblemKind::TotalTooLarge { limit } => (
            format!("the files hold more than {limit} bytes; this and the next were not read"),
            Some("raise the limit of whoever reads them, or remove what is no intent"),
        ),
        ProblemKind::TooDeep => (
            "directories are nested too deeply; this one was not entered".to_owned(),
            Some("use fewer levels"),
        ),
        ProblemKind::Unreadable(reason) => (format!("could not be read: {reason}"), None),
        ProblemKind::Damaged { object, reason } => (
            format!("object {object} {reason}"),
            Some("repair the repository (`git fsck` lists what is broken) or push a good commit"),
        ),
        ProblemKind::NotAFile => (
            "named as a file of intents, but not a regular file".to_owned(),
            Some("rename or remove it"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::unread_files;

    #[test]
    fn every_problem_of_a_reader_is_an_error_at_its_path() {
        let kinds = [
            ProblemKind::Symlink,
            ProblemKind::Submodule,
            ProblemKind::NotUtf8Name,
            ProblemKind::TooLarge {
                bytes: u64::MAX,
                limit: u64::MAX,
            },
            ProblemKind::TooManyFiles { limit: 20_000 },
            ProblemKind::TotalTooLarge { limit: 67_108_864 },
            ProblemKind::TooDeep,
            ProblemKind::Unreadable("permission denied, and why at great length".repeat(9)),
            ProblemKind::Damaged {
                object: "7".repeat(40),
                reason: "is missing from the repository".to_owned(),
            },
            ProblemKind::NotAFile,
        ];
        let problem = |kind| SourceProblem {
            path: "teams/web/link.yaml".to_owned(),
            kind,
        };
        let problems = kinds.map(problem);
        let parsed = unread_files(&problems);
        assert_eq!(parsed.diagnostics.len(), problems.len());
        assert_eq!(parsed.broken.len(), problems.len());
        for finding in &parsed.diagnostics {
            assert_eq!(finding.primary, Place::Path("teams/web/link.yaml".into()));
            let length = finding.message.chars().count();
            assert!(length <= 80, "{}", finding.message);
        }
    }
}
