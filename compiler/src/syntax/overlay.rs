//! What an environment changes in documents, before they are decoded: patches are merged
//! into their node trees, and `$(name)` in a text becomes the value of a variable.
//!
//! A value that a patch gives keeps its place in the patch's file; a [`Trace`] knows where
//! in the documents it went.

mod codes;
mod merge;
mod owned;
mod variables;

use std::collections::BTreeMap;

use super::node::{Entry, Node, NodeKind};
use super::report::Report;
use crate::diagnostic::{Code, CodeInfo, Span};
use crate::sources::Trace;
use merge::Merger;
pub(super) use owned::owned;

/// The codes of this part.
pub(crate) const CODES: &[CodeInfo] = &[
    codes::unknown_variable::INFO,
    codes::unknown_entry::INFO,
    codes::document_head::INFO,
    codes::too_much_text::INFO,
];
use variables::Variables;

/// The code of a text that names a variable without a value.
pub(super) const UNKNOWN_VARIABLE: Code = codes::unknown_variable::INFO.code;

/// A tree of a document that outlives its text.
pub(crate) type Tree = Node<'static>;

/// What one environment changes. Empty: nothing, and no variable is known.
#[derive(Debug, Default)]
pub(crate) struct Overlay<'e> {
    variables: BTreeMap<&'e str, (&'e str, Span)>,
    patches: BTreeMap<Target<'e>, Patch<'e>>,
}

/// Which document: kind, namespace and name.
pub(crate) type Target<'e> = (&'e str, Option<&'e str>, &'e str);

/// What is merged into one document's `spec`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patch<'e> {
    /// Where the patch names the document: patches are told apart by it.
    pub(crate) at: Span,
    /// What is merged.
    pub(crate) merge: &'e Tree,
}

impl<'e> Overlay<'e> {
    /// Gives a variable its value; of two, the first.
    pub(crate) fn variable(&mut self, name: &'e str, value: &'e str, at: Span) {
        self.variables.entry(name).or_insert((value, at));
    }

    /// Adds a patch, or gives back the one that this document has already.
    pub(crate) fn patch(&mut self, target: Target<'e>, patch: Patch<'e>) -> Option<Patch<'e>> {
        if let Some(first) = self.patches.get(&target) {
            return Some(*first);
        }
        self.patches.insert(target, patch);
        None
    }

    /// Whether some patch is about a document.
    pub(crate) fn patches(&self, target: &Target<'_>) -> bool {
        self.patches.contains_key(target)
    }

    /// Whether there is any patch.
    pub(super) fn has_patches(&self) -> bool {
        !self.patches.is_empty()
    }

    /// Changes a document as this overlay says. `Environment` itself is never changed.
    pub(super) fn apply(&self, root: &mut Node<'_>, report: &mut Report, trace: &mut Trace) {
        let patch = match target(root) {
            Some(("Environment", ..)) => return,
            Some(target) => self.patches.get(&target).copied(),
            None => None,
        };
        let whole = root.span;
        let Some(spec) = spec(root) else { return };
        if let Some(patch) = patch {
            let mut merger = Merger::new(report, trace);
            let changed = merger.merge_spec(spec, patch.merge);
            trace.patched(patch.at, whole, changed);
        }
        Variables::new(&self.variables, report, trace).replace_in(spec);
    }
}

/// Whether a file says `$(`.
pub(super) fn may_have_variables(content: &[u8]) -> bool {
    let behind = content.split(|byte| *byte == b'$').skip(1);
    behind.map(<[u8]>::first).any(|first| first == Some(&b'('))
}

/// What a tree says that it is.
fn target<'n>(root: &'n Node<'_>) -> Option<Target<'n>> {
    let metadata = &field(root, "metadata")?.value;
    let text = |entry: Option<&'n Entry<'_>>| match &entry?.value.kind {
        NodeKind::Scalar(scalar) => Some(scalar.text.as_ref()),
        _ => None,
    };
    let name = text(field(metadata, "name"))?;
    let namespace = text(field(metadata, "namespace"));
    Some((text(field(root, "kind"))?, namespace, name))
}

fn field<'n, 'a>(node: &'n Node<'a>, name: &str) -> Option<&'n Entry<'a>> {
    match &node.kind {
        NodeKind::Map(entries) => entries.iter().find(|entry| entry.key == name),
        _ => None,
    }
}

fn spec<'n, 'a>(root: &'n mut Node<'a>) -> Option<&'n mut Node<'a>> {
    match &mut root.kind {
        NodeKind::Map(entries) => {
            let spec = entries.iter_mut().find(|entry| entry.key == "spec");
            spec.map(|entry| &mut entry.value)
        }
        _ => None,
    }
}
