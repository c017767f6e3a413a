//! Where in a document a byte stands.

use crate::diagnostic::{FileId, Span};
use crate::source_set::SourceFile;
use crate::syntax::{Node, NodeKind, trees};
use crate::vocabulary::{Place, Vocabulary};

use super::index::{field, text};

/// A key or a value under a byte, with what leads to it.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    /// The whole document.
    pub(super) document: Node<'a>,
    /// From the document's root.
    pub(super) steps: Vec<Step>,
    pub(super) on: On,
    /// Of the key or value.
    pub(super) span: Span,
}

/// From a collection to something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

/// What is under the byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum On {
    /// A key; the last step is it.
    Key,
    /// A scalar.
    Value(String),
}

impl<'a> Cursor<'a> {
    /// What stands at a byte of a file.
    pub(super) fn at(file: &'a SourceFile, byte: usize) -> Option<Self> {
        let byte = u32::try_from(byte).ok()?;
        for tree in trees(FileId(0), file) {
            let mut steps = Vec::new();
            if let Some((on, span)) = find(&tree, byte, &mut steps) {
                return Some(Self {
                    document: tree,
                    steps,
                    on,
                    span,
                });
            }
        }
        None
    }

    pub(super) fn kind(&self) -> Option<String> {
        text(field(&self.document, "kind")?).map(|it| it.0)
    }

    pub(super) fn metadata(&self, name: &str) -> Option<String> {
        text(field(field(&self.document, "metadata")?, name)?).map(|it| it.0)
    }

    /// What the schema says of what the steps lead to.
    pub(super) fn place(&self) -> Option<Place<'static>> {
        let document = Vocabulary::get().document(&self.kind()?)?;
        let mut steps = self.steps.iter();
        steps.try_fold(document, |place, step| match step {
            Step::Key(key) => place.step(key),
            Step::Item(_) => place.item(),
        })
    }

    /// The last key on the way: what a scalar, or an entry of a list of scalars, is for.
    pub(super) fn key(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        })
    }

    /// The names of the steps: `spec.rules.timeout`.
    pub(super) fn dotted(&self) -> String {
        let keys = self.steps.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        });
        keys.collect::<Vec<_>>().join(".")
    }

    /// The mapping around what is under the byte.
    pub(super) fn around(&self) -> Option<&Node<'a>> {
        let steps = self.steps.split_last()?.1;
        steps
            .iter()
            .try_fold(&self.document, |node, step| follow(node, step))
    }
}

/// One step into a node.
pub(super) fn follow<'n, 'a>(node: &'n Node<'a>, step: &Step) -> Option<&'n Node<'a>> {
    match (step, &node.kind) {
        (Step::Key(key), _) => field(node, key),
        (Step::Item(index), NodeKind::List(items)) => items.get(*index),
        (Step::Item(_), _) => None,
    }
}

fn find(node: &Node<'_>, byte: u32, steps: &mut Vec<Step>) -> Option<(On, Span)> {
    let covers = |span: Span| span.start <= byte && byte <= span.end;
    match &node.kind {
        NodeKind::Scalar(scalar) if covers(node.span) => {
            Some((On::Value(scalar.text.to_string()), node.span))
        }
        NodeKind::List(items) => items.iter().enumerate().find_map(|(index, item)| {
            steps.push(Step::Item(index));
            let found = find(item, byte, steps);
            if found.is_none() {
                steps.pop();
            }
            found
        }),
        NodeKind::Map(entries) => entries.iter().find_map(|entry| {
            steps.push(Step::Key(entry.key.to_string()));
            if covers(entry.key_span) {
                return Some((On::Key, entry.key_span));
            }
            let found = find(&entry.value, byte, steps);
            if found.is_none() {
                steps.pop();
            }
            found
        }),
        NodeKind::Scalar(_) | NodeKind::Reported => None,
    }
}
