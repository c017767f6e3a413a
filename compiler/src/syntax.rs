//! Bytes to typed documents: YAML with spans, then one decoder per kind.
//!
//! No reference is resolved and no default filled in here.

pub(crate) mod ast;

use mesh_ir::{Kind, Name};

use crate::diagnostic::{CodeInfo, Diagnostic};
use crate::source_set::SourceSet;
use crate::sources::Sources;

/// The codes of this phase.
pub(crate) const CODES: &[CodeInfo] = &[];

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

/// Reads every file of a compilation.
pub(crate) fn parse(_set: &SourceSet, _sources: &Sources) -> Parsed {
    Parsed::default()
}
