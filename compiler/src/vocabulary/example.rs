//! Examples of fields, cut out of documents that compile.

use crate::diagnostic::{FileId, Span};
use crate::source_set::SourceFile;
use crate::syntax::{Node, NodeKind, trees};

/// One document of every kind, with every field: tests hold decoders and schemas to it.
const EVERY_FIELD: &str = include_str!("../syntax/testing/every_field.yaml");

/// The lines that first write the field of a path such as `Route.rules.retries`.
pub(super) fn example(path: &str) -> Option<String> {
    let file = SourceFile::new("example.yaml", EVERY_FIELD.as_bytes());
    let mut names = path.split('.');
    let kind = names.next()?;
    let names: Vec<&str> = match names.collect::<Vec<_>>().as_slice() {
        [] => return None,
        names @ ["metadata" | "spec", ..] => names.to_vec(),
        names => [&["spec"], names].concat(),
    };
    let trees = trees(FileId(0), &file);
    let mut of_kind = trees.iter().filter(|it| scalar(it, "kind") == Some(kind));
    let span = of_kind.find_map(|it| find(it, &names))?;
    Some(dedented(EVERY_FIELD, span))
}

fn scalar<'n>(node: &'n Node<'_>, name: &str) -> Option<&'n str> {
    let NodeKind::Map(entries) = &node.kind else {
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key == name)?;
    match &entry.value.kind {
        NodeKind::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

/// From the key to the end of its value. Lists and chosen keys are passed through.
fn find(node: &Node<'_>, names: &[&str]) -> Option<Span> {
    let (first, rest) = names.split_first()?;
    match &node.kind {
        NodeKind::List(items) => items.iter().find_map(|item| find(item, names)),
        NodeKind::Map(entries) => {
            let mut named = entries.iter().filter(|entry| entry.key == *first);
            let found = named.find_map(|entry| {
                if rest.is_empty() {
                    return Some(Span {
                        start: entry.key_span.start,
                        ..entry.value.span
                    });
                }
                find(&entry.value, rest)
            });
            let inside = || entries.iter().find_map(|entry| find(&entry.value, names));
            found.or_else(inside)
        }
        NodeKind::Scalar(_) | NodeKind::Reported => None,
    }
}

fn dedented(text: &str, span: Span) -> String {
    let (start, end) = (span.start as usize, span.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = text[line..start].chars().count();
    let lines = text[start..end].trim_end().lines();
    let cut = |line: &str| {
        let blank = line.len() - line.trim_start_matches(' ').len();
        line[blank.min(indent)..].to_owned()
    };
    lines.map(cut).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_shown_as_it_is_written() {
        assert_eq!(
            example("Mesh.trustDomain").unwrap(),
            "trustDomain: shop.example"
        );
        let text = example("Mesh.namespaces").unwrap();
        assert!(text.starts_with("namespaces:\n  "), "{text}");
        let text = example("Route.rules.retries").unwrap();
        assert!(text.starts_with("retries: {"), "{text}");
        assert_eq!(example("Route.nonsense"), None);
    }
}
