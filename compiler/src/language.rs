//! What an editor asks: what stands here, where is it declared, what may stand here.
//!
//! Positions in, answers out: the loop that speaks the protocol is elsewhere. Answers come
//! from trees of nodes, so they are given for documents that do not compile too.

mod complete;
mod cursor;
mod declared;
mod effective;
mod hover;
mod index;
mod position;

pub use complete::{Suggestion, SuggestionKind};
pub use position::{TextPosition, byte_of, position_of};

use std::sync::Arc;

use crate::source_set::{SourceFile, SourceSet};
use cursor::Cursor;
use index::Index;

/// The files of a repository as they are now, unsaved text included, with what they declare.
#[derive(Debug, Default)]
pub struct Language {
    index: Index,
}

/// Bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Which.
    pub path: Arc<str>,
    /// The first byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// What is said of a place, as Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The text.
    pub text: String,
    /// What it is about.
    pub at: Location,
}

impl Language {
    /// Takes the files as they are now; those that are as before are not read again.
    pub fn update(&mut self, set: &SourceSet) {
        self.index.update(set);
    }

    /// What stands at a byte of a file: its field, its effective value, and where that
    /// comes from.
    pub fn hover(&self, path: &str, byte: usize) -> Option<Hover> {
        let file = self.index.file(path)?;
        let cursor = Cursor::at(file, byte)?;
        hover::hover(&self.index, file, &cursor)
    }

    /// Where what is named at a byte of a file is declared.
    pub fn definition(&self, path: &str, byte: usize) -> Option<Location> {
        let file = self.index.file(path)?;
        let cursor = Cursor::at(file, byte)?;
        declared::declared(&self.index, file, &cursor)
    }

    /// What may stand at a byte of a file, in the order in which it is offered.
    pub fn complete(&self, path: &str, byte: usize) -> Vec<Suggestion> {
        let file = self.index.file(path);
        file.map_or_else(Vec::new, |file| complete::complete(&self.index, file, byte))
    }
}

/// A file's text, unless it is not UTF-8.
fn text_of(file: &SourceFile) -> Option<&str> {
    std::str::from_utf8(&file.content).ok()
}

#[cfg(test)]
mod tests;
