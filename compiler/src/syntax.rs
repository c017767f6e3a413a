//! Bytes to typed documents: YAML with spans, then one decoder per kind.
//!
//! No reference is resolved and no default filled in here. The layers, each of which
//! knows only those before it: `read` (bytes to [`node`] trees), `decode` (mappings,
//! lists and scalars with errors that add up), `values` (the scalars of the language)
//! and `kinds` (one decoder per kind).

pub(crate) mod ast;
mod codes;
mod decode;
mod kinds;
mod node;
mod parser;
mod read;
mod report;
#[cfg(test)]
mod testing;
mod values;

use std::sync::Arc;

use mesh_ir::{Kind, Name};

use crate::diagnostic::{Diagnostic, FileId};
use crate::source_set::{SourceFile, SourceProblem};
use report::Report;

pub(crate) use codes::CODES;
pub(crate) use decode::closest;
pub(crate) use parser::Parser;

/// What the files hold, in the order of files and places.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// What stands for those that were not read.
    unread: ParsedFile,
    files: Vec<Arc<ParsedFile>>,
}

/// What one file holds.
#[derive(Debug, Default)]
pub(crate) struct ParsedFile {
    /// The documents that have the right shape.
    documents: Vec<ast::Document>,
    /// Those that have not: there, but not to be looked into.
    broken: Vec<Broken>,
    /// What is wrong with them. An error in one does not hide those of the next.
    diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// The documents that have the right shape.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &ast::Document> {
        self.files().flat_map(|file| &file.documents)
    }

    /// Those that have not: there, but not to be looked into.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &Broken> {
        self.files().flat_map(|file| &file.broken)
    }

    /// What is wrong with the files.
    pub(crate) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.files().flat_map(|file| &file.diagnostics)
    }

    fn files(&self) -> impl Iterator<Item = &ParsedFile> {
        std::iter::once(&self.unread).chain(self.files.iter().map(|file| &**file))
    }
}

/// A document with errors of shape, as far as it says what it is; all `None` for a
/// file or document that could not be read at all. Nothing is missing from the
/// repository only because it is broken, so errors of absence are held back for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// `kind`.
    pub(crate) kind: Option<Kind>,
    /// `metadata.namespace`.
    pub(crate) namespace: Option<Name>,
    /// `metadata.name`.
    pub(crate) name: Option<Name>,
}

impl Broken {
    const UNREAD: Self = Self {
        kind: None,
        namespace: None,
        name: None,
    };
}

fn unread(problems: &[SourceProblem]) -> ParsedFile {
    ParsedFile {
        documents: vec![],
        broken: problems.iter().map(|_| Broken::UNREAD).collect(),
        diagnostics: problems.iter().map(codes::unread_file::problem).collect(),
    }
}

fn parse_file(id: FileId, file: &SourceFile) -> ParsedFile {
    let mut parsed = ParsedFile::default();
    let mut report = Report::new(id);
    read::documents(file, &mut report, |document, report| {
        let decoded = match document {
            Ok(node) => kinds::document(&node, report),
            Err(report::Reported) => Err(Broken::UNREAD),
        };
        match decoded {
            Ok(document) => parsed.documents.push(document),
            Err(broken) => parsed.broken.push(broken),
        }
    });
    parsed.diagnostics = report.into_findings();
    parsed
}

/// The fields of every mapping, for tests that compare them with the schemas.
#[cfg(test)]
pub(crate) fn shapes() -> impl Iterator<Item = &'static [&'static str]> {
    kinds::SHAPES.iter().map(|shape| shape.fields)
}

#[cfg(test)]
mod tests;
