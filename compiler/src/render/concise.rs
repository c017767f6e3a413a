use std::fmt::Write as _;

use super::json::records;
use crate::diagnostic::Diagnostic;
use crate::sources::Sources;

/// One line each: `file:line:column: severity[M0123]: text`.
pub fn concise(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for record in records(diagnostics, sources) {
        let super::Record {
            file,
            line,
            column,
            severity,
            code,
            message,
            ..
        } = record;
        writeln!(out, "{file}:{line}:{column}: {severity}[{code}]: {message}")
            .expect("writing to a string does not fail");
    }
    out
}
