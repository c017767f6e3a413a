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
mod overlay;
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
use crate::sources::Trace;
use report::Report;

pub(crate) use codes::CODES;
pub(crate) use decode::closest;
pub(crate) use node::{Node, NodeKind};
pub(crate) use overlay::{CODES as OVERLAY_CODES, Overlay, Patch};
pub(crate) use parser::{Overlaid, Parser};
pub(crate) use read::{Meaning, meaning};

/// What the files hold, in the order of files and places.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// What stands for those that were not read.
    unread: ParsedFile,
    files: Vec<Arc<ParsedFile>>,
}

/// What one file holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct ParsedFile {
    /// The documents that have the right shape.
    documents: Vec<ast::Document>,
    /// Those that have not: there, but not to be looked into.
    broken: Vec<Broken>,
    /// What is wrong with them. An error in one does not hide those of the next.
    diagnostics: Vec<Diagnostic>,
    /// Whether some text may name a variable.
    has_variables: bool,
    /// What an environment has changed in them.
    trace: Trace,
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

    /// One file.
    pub(crate) fn file(&self, id: FileId) -> &ParsedFile {
        &self.files[id.0 as usize]
    }

    /// The files that were read anew, if that is all that changed and each of them holds
    /// only documents of the right shape, now and before.
    pub(crate) fn changed_since(&self, before: &Self) -> Option<Vec<FileId>> {
        if self.files.len() != before.files.len()
            || !self.unread.broken.is_empty()
            || !before.unread.broken.is_empty()
        {
            return None;
        }
        let pairs = (0..).map(FileId).zip(self.files.iter().zip(&before.files));
        let changed = pairs.filter(|(_, (now, then))| !Arc::ptr_eq(now, then));
        changed
            .map(|(id, (now, then))| {
                let whole = now.broken.is_empty() && then.broken.is_empty();
                whole.then_some(id)
            })
            .collect()
    }

    fn files(&self) -> impl Iterator<Item = &ParsedFile> {
        std::iter::once(&self.unread).chain(self.files.iter().map(|file| &**file))
    }
}

impl ParsedFile {
    /// The documents that have the right shape.
    pub(crate) fn documents(&self) -> &[ast::Document] {
        &self.documents
    }

    /// Whether an overlay makes other documents of it.
    fn is_changed_by(&self, overlay: &Overlay<'_>) -> bool {
        let named = |kind: Kind, namespace: Option<&Name>, name: &Name| {
            overlay.patches(&(kind.as_str(), namespace.map(Name::as_str), name.as_str()))
        };
        let document = |it: &ast::Document| {
            let namespace = it.namespace().map(|it| &it.value);
            named(it.kind(), namespace, &it.name().value)
        };
        let broken = |it: &Broken| match (it.kind, &it.name) {
            (Some(kind), Some(name)) => named(kind, it.namespace.as_ref(), name),
            _ => false,
        };
        self.has_variables || self.documents.iter().any(document) || self.broken.iter().any(broken)
    }

    /// Only what is wrong with its shape, whatever its variables stand for.
    fn shape(&self) -> Self {
        let known = |it: &&Diagnostic| it.code != overlay::UNKNOWN_VARIABLE;
        Self {
            diagnostics: self.diagnostics.iter().filter(known).cloned().collect(),
            ..Self::default()
        }
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

/// What a reader of files had to leave out, as findings.
pub fn unread(problems: &[SourceProblem]) -> Vec<Diagnostic> {
    problems.iter().map(codes::unread_file::problem).collect()
}

fn unread_files(problems: &[SourceProblem]) -> ParsedFile {
    ParsedFile {
        documents: vec![],
        broken: problems.iter().map(|_| Broken::UNREAD).collect(),
        diagnostics: unread(problems),
        ..ParsedFile::default()
    }
}

fn parse_file(id: FileId, file: &SourceFile, overlay: &Overlay<'_>) -> ParsedFile {
    let mut parsed = ParsedFile {
        has_variables: overlay::may_have_variables(&file.content),
        ..ParsedFile::default()
    };
    let is_changed = parsed.has_variables || overlay.has_patches();
    let mut report = Report::new(id);
    read::documents(file, &mut report, |document, report| {
        let decoded = match document {
            Ok(mut node) => {
                if is_changed {
                    overlay.apply(&mut node, report, &mut parsed.trace);
                }
                kinds::document(&node, report)
            }
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

/// The documents of a file as trees, as far as they can be read.
pub(crate) fn trees(id: FileId, file: &SourceFile) -> Vec<Node<'_>> {
    let mut trees = Vec::new();
    let mut report = Report::new(id);
    read::documents(file, &mut report, |tree, _| trees.extend(tree));
    trees
}

/// What is wrong with a file as YAML, whatever its documents say.
pub(crate) fn yaml_findings(id: FileId, file: &SourceFile) -> Vec<Diagnostic> {
    let mut report = Report::new(id);
    read::documents(file, &mut report, |_, _| {});
    report.into_findings()
}

/// The fields of every mapping, in the order of the language.
pub(crate) fn shapes() -> impl Iterator<Item = &'static [&'static str]> {
    kinds::SHAPES.iter().map(|shape| shape.fields)
}

/// What is wrong with one file, for tests that compare it with the schemas.
#[cfg(test)]
pub(crate) fn findings(content: &[u8]) -> Vec<Diagnostic> {
    testing::parsed(content).0.diagnostics
}

#[cfg(test)]
mod tests;
