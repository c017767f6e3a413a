use std::borrow::Cow;

use super::Tree;
use crate::syntax::node::{Entry, Node, NodeKind, Scalar};

/// A copy that does not borrow the text it was read from.
pub(in crate::syntax) fn owned(node: &Node<'_>) -> Tree {
    let kind = match &node.kind {
        NodeKind::Scalar(Scalar { text, plain }) => NodeKind::Scalar(Scalar {
            text: Cow::Owned(text.clone().into_owned()),
            plain: *plain,
        }),
        NodeKind::List(items) => NodeKind::List(items.iter().map(owned).collect()),
        NodeKind::Map(entries) => NodeKind::Map(entries.iter().map(owned_entry).collect()),
        NodeKind::Reported => NodeKind::Reported,
    };
    Node {
        span: node.span,
        kind,
    }
}

/// As [`owned`], of an entry of a mapping.
pub(super) fn owned_entry(entry: &Entry<'_>) -> Entry<'static> {
    Entry {
        key: Cow::Owned(entry.key.clone().into_owned()),
        key_span: entry.key_span,
        value: owned(&entry.value),
    }
}

/// Whether two trees say the same, wherever they stand.
pub(super) fn same(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Scalar(a), NodeKind::Scalar(b)) => a.text == b.text,
        (NodeKind::List(a), NodeKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (NodeKind::Map(a), NodeKind::Map(b)) => {
            let entry =
                |(a, b): (&Entry<'_>, &Entry<'_>)| a.key == b.key && same(&a.value, &b.value);
            a.len() == b.len() && a.iter().zip(b).all(entry)
        }
        _ => false,
    }
}
