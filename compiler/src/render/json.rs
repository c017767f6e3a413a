use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Place};
use crate::sources::{Position, Sources};

/// A diagnostic as `check --format json` prints it and the operator keeps it.
///
/// Lines and columns are one-based, columns in characters, the end exclusive.
/// A place outside any file that was read is line 1, column 1 of its path; the
/// repository as a whole is the path `.`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `M0123`.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// One line.
    pub message: String,
    /// What to type.
    pub help: Option<String>,
    /// Relative to the directory of intents.
    pub file: String,
    /// Where it starts.
    pub line: u32,
    /// Where it starts.
    pub column: u32,
    /// Where it ends.
    pub end_line: u32,
    /// Where it ends.
    pub end_column: u32,
}

#[derive(Serialize)]
struct Report {
    diagnostics: Vec<Record>,
}

/// `{"diagnostics": […]}` with a line break at the end.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let report = Report {
        diagnostics: records(diagnostics, sources),
    };
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

/// The same as values.
pub fn records(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Record> {
    diagnostics
        .iter()
        .map(|diagnostic| record(diagnostic, sources))
        .collect()
}

fn record(diagnostic: &Diagnostic, sources: &Sources) -> Record {
    let first = Position { line: 1, column: 1 };
    let (file, start, end) = match &diagnostic.primary {
        Place::At(span) => (
            sources.path(span.file).to_string(),
            sources.position(span.file, span.start),
            sources.position(span.file, span.end),
        ),
        Place::Path(path) => (path.clone(), first, first),
        Place::Repository => (".".to_owned(), first, first),
    };
    Record {
        code: diagnostic.code.to_string(),
        severity: diagnostic.severity.to_string(),
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        file,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
