//! Where the answer of a command goes.

use std::path::Path;

use crate::exit::Failure;
use crate::terminal::Terminal;

/// Writes an answer to a file, or to standard output where none is named.
pub(crate) fn answer(
    terminal: &mut Terminal,
    text: &str,
    file: Option<&Path>,
) -> Result<(), Failure> {
    match file {
        Some(path) => std::fs::write(path, text).map_err(Failure::file("write", path)),
        None => Ok(terminal.out.write_all(text.as_bytes())?),
    }
}
