//! One layout for intents: `mesh fmt`.
//!
//! Text to text. Comments stay beside what they speak of, blank lines that group stay
//! (one each), fields come in the order of the language, and what a reader of YAML gets
//! is the same before and after: every result is read back and compared before it is
//! given. Formatting twice changes nothing more.

mod comments;
mod layout;
mod order;
mod parse;
mod print;
mod scalar;
mod tree;

use crate::diagnostic::{Diagnostic, FileId};
use crate::source_set::SourceFile;
use crate::syntax;

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unformatted {
    /// It is no YAML that intents may be written in.
    Invalid(Vec<Diagnostic>),
    /// What came out would have meant something else: a fault of the formatter.
    Unfaithful,
}

/// The text of a file in its one layout. Spans of diagnostics name the file as `id`.
pub fn format(id: FileId, file: &SourceFile) -> Result<String, Unformatted> {
    let findings = syntax::yaml_findings(id, file);
    if !findings.is_empty() {
        return Err(Unformatted::Invalid(findings));
    }
    let text = std::str::from_utf8(&file.content).map_err(|_| Unformatted::Unfaithful)?;
    let mut stream = parse::stream(text).ok_or(Unformatted::Unfaithful)?;
    order::sort(&mut stream);
    let formatted = print::stream(&stream);
    match parse::stream(&formatted) {
        Some(mut again) => {
            order::sort(&mut again);
            if stream.means_the_same(&again) {
                Ok(formatted)
            } else {
                Err(Unformatted::Unfaithful)
            }
        }
        None => Err(Unformatted::Unfaithful),
    }
}

#[cfg(test)]
mod tests;
