//! What the files declare, each read once for each of its texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{FileId, Span};
use crate::source_set::{SourceFile, SourceSet};
use crate::syntax::{Node, NodeKind, trees};

/// The files, by path.
#[derive(Debug, Default)]
pub(super) struct Index {
    files: BTreeMap<Arc<str>, Indexed>,
}

#[derive(Debug)]
struct Indexed {
    file: SourceFile,
    documents: Vec<Declared>,
}

/// A document and the names that it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) kind: String,
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// Of `metadata.name`.
    pub(super) span: Span,
    pub(super) parts: Vec<Part>,
}

/// A name inside of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The field whose entry it names: `versions`, `ports`, `rules`, `listeners`…
    pub(super) of: &'static str,
    pub(super) name: String,
    pub(super) span: Span,
}

/// Fields of a spec whose entries have names: as keys, or by `name`.
const NAMED: [&str; 7] = [
    "versions",
    "ports",
    "rules",
    "allow",
    "deny",
    "limits",
    "listeners",
];

impl Index {
    pub(super) fn update(&mut self, set: &SourceSet) {
        let mut before = std::mem::take(&mut self.files);
        for file in &set.files {
            let known = before.remove(&file.path).filter(|it| {
                Arc::ptr_eq(&it.file.content, &file.content) || it.file.content == file.content
            });
            let indexed = known.unwrap_or_else(|| Indexed {
                documents: trees(FileId(0), file).iter().filter_map(declared).collect(),
                file: file.clone(),
            });
            self.files.insert(Arc::clone(&file.path), indexed);
        }
    }

    pub(super) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.get(path).map(|it| &it.file)
    }

    /// Every document, by the order of paths and places, with its file.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&SourceFile, &Declared)> {
        let files = self.files.values();
        files.flat_map(|it| {
            it.documents
                .iter()
                .map(move |document| (&it.file, document))
        })
    }

    /// Those of a kind.
    pub(super) fn of_kind<'i>(
        &'i self,
        kind: &'i str,
    ) -> impl Iterator<Item = (&'i SourceFile, &'i Declared)> {
        self.documents().filter(move |(_, it)| it.kind == kind)
    }

    /// The document that a reference names: `reviews` (of the namespace where it is
    /// written) or `reviews.shop`.
    pub(super) fn named(
        &self,
        kind: &str,
        reference: &str,
        here: Option<&str>,
    ) -> Option<(&SourceFile, &Declared)> {
        let (name, namespace) = match reference.split_once('.') {
            Some((name, namespace)) => (name, Some(namespace)),
            None => (reference, here),
        };
        self.documents().find(|(_, it)| {
            it.kind == kind && it.name == name && it.namespace.as_deref() == namespace
        })
    }
}

fn declared(tree: &Node<'_>) -> Option<Declared> {
    let metadata = field(tree, "metadata")?;
    let (name, span) = text(field(metadata, "name")?)?;
    let spec = field(tree, "spec");
    let parts = NAMED.iter().filter_map(|of| Some((of, field(spec?, of)?)));
    Some(Declared {
        kind: text(field(tree, "kind")?)?.0,
        namespace: field(metadata, "namespace").and_then(text).map(|it| it.0),
        name,
        span,
        parts: parts.flat_map(|(of, node)| names(of, node)).collect(),
    })
}

fn names(of: &'static str, node: &Node<'_>) -> Vec<Part> {
    let part = |(name, span)| Part { of, name, span };
    match &node.kind {
        NodeKind::Map(entries) => {
            let keys = entries.iter().map(|it| (it.key.to_string(), it.key_span));
            keys.map(part).collect()
        }
        NodeKind::List(items) => {
            let names = items.iter().filter_map(|it| text(field(it, "name")?));
            names.map(part).collect()
        }
        NodeKind::Scalar(_) | NodeKind::Reported => vec![],
    }
}

/// The value of a field.
pub(super) fn field<'n, 'a>(node: &'n Node<'a>, name: &str) -> Option<&'n Node<'a>> {
    match &node.kind {
        NodeKind::Map(entries) => {
            let entry = entries.iter().find(|entry| entry.key == name)?;
            Some(&entry.value)
        }
        _ => None,
    }
}

/// A scalar and where it stands.
pub(super) fn text(node: &Node<'_>) -> Option<(String, Span)> {
    match &node.kind {
        NodeKind::Scalar(scalar) => Some((scalar.text.to_string(), node.span)),
        _ => None,
    }
}
