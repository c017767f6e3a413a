//! Nodes to typed values. Every function reports what is wrong and answers
//! [`Reported`](super::report::Reported) then; it looks at all of its parts first.

mod fields;
pub(super) mod scalar;
mod suggest;

pub(super) use fields::{Fields, Shape};
pub(crate) use suggest::closest;

use std::collections::BTreeMap;

use super::ast::Spanned;
use super::codes::{empty, listed_twice, wrong_type};
use super::node::{Entry, Node, NodeKind};
use super::report::{Read, Report, Reported};
use crate::diagnostic::Span;

/// A list that is not empty.
pub(super) fn list_of<T>(
    node: &Node<'_>,
    report: &mut Report,
    mut decode: impl FnMut(&Node<'_>, &mut Report) -> Read<T>,
) -> Read<Vec<T>> {
    match &node.kind {
        NodeKind::List(items) if items.is_empty() => Err(report.push(empty::list(node.span))),
        NodeKind::List(items) => {
            let decoded: Vec<Read<T>> = items.iter().map(|item| decode(item, report)).collect();
            let decoded = decoded.into_iter().collect();
            refuse_repeated(items, report)?;
            decoded
        }
        _ => Err(mismatch(node, report, "a list")),
    }
}

/// A scalar that a list has already says nothing more, and is a slip of the pen.
fn refuse_repeated(items: &[Node<'_>], report: &mut Report) -> Read<()> {
    let mut sound = Ok(());
    if items.len() < 2 {
        return sound;
    }
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for item in items {
        let NodeKind::Scalar(scalar) = &item.kind else {
            continue;
        };
        if let Some(first) = seen.insert(&scalar.text, item.span) {
            sound = Err(report.push(listed_twice::error(item.span, &scalar.text, first)));
        }
    }
    sound
}

/// A mapping whose keys the author chooses; not empty.
pub(super) fn map_of<T>(
    node: &Node<'_>,
    report: &mut Report,
    mut decode: impl FnMut(Spanned<&str>, &Node<'_>, &mut Report) -> Read<T>,
) -> Read<Vec<T>> {
    let entries = entries(node, report)?;
    if entries.is_empty() {
        return Err(report.push(empty::mapping(node.span)));
    }
    let each = |entry: &Entry<'_>| {
        let key = Spanned::new(entry.key.as_ref(), entry.key_span);
        decode(key, &entry.value, report)
    };
    let decoded: Vec<Read<T>> = entries.iter().map(each).collect();
    decoded.into_iter().collect()
}

/// The entries of a mapping, perhaps none.
pub(super) fn entries<'n, 'a>(node: &'n Node<'a>, report: &mut Report) -> Read<&'n [Entry<'a>]> {
    match &node.kind {
        NodeKind::Map(entries) => Ok(entries),
        _ => Err(mismatch(node, report, "a mapping")),
    }
}

/// Reports a node of another shape than `expected`, unless it has been reported already.
pub(super) fn mismatch(node: &Node<'_>, report: &mut Report, expected: &str) -> Reported {
    match &node.kind {
        NodeKind::Reported => Reported,
        _ => report.push(wrong_type::error(node, expected)),
    }
}
