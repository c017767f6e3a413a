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
mod read;
mod report;
#[cfg(test)]
mod testing;
mod values;

use mesh_ir::{Kind, Name};

use crate::diagnostic::{Diagnostic, FileId};
use crate::source_set::{SourceFile, SourceSet};
use crate::sources::Sources;
use report::Report;

pub(crate) use codes::CODES;
pub(crate) use decode::closest;

/// What the files hold.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The documents that have the right shape, in the order of files and places.
    pub(crate) documents: Vec<ast::Document>,
    /// Those that have not: there, but not to be looked into.
    pub(crate) broken: Vec<Broken>,
    /// What is wrong with them. An error in one does not hide those of the next.
    pub(crate) diagnostics: Vec<Diagnostic>,
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

/// Reads every file of a compilation.
pub(crate) fn parse(set: &SourceSet, sources: &Sources) -> Parsed {
    let mut parsed = Parsed::default();
    for problem in &set.problems {
        parsed.broken.push(Broken::UNREAD);
        parsed
            .diagnostics
            .push(codes::unread_file::problem(problem));
    }
    for (id, file) in sources.files() {
        parse_file(id, file, &mut parsed);
    }
    parsed
}

fn parse_file(id: FileId, file: &SourceFile, parsed: &mut Parsed) {
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
    parsed.diagnostics.extend(report.into_findings());
}

/// The fields of every mapping, for tests that compare them with the schemas.
#[cfg(test)]
pub(crate) fn shapes() -> impl Iterator<Item = &'static [&'static str]> {
    kinds::SHAPES.iter().map(|shape| shape.fields)
}

#[cfg(test)]
mod tests;
