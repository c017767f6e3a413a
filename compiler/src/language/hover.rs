//! What stands at a place, as Markdown.

use std::fmt::Write as _;

use super::Hover;
use super::cursor::{Cursor, On, Step, follow};
use super::declared::{kind_named_by, location};
use super::effective::{Written, defaults, patched, written};
use super::index::{Declared, Index, field, text};
use crate::diagnostic::FileId;
use crate::source_set::SourceFile;
use crate::syntax::trees;

pub(super) fn hover(index: &Index, file: &SourceFile, cursor: &Cursor<'_>) -> Option<Hover> {
    let mut said = String::new();
    let here = cursor.metadata("namespace");
    let key = cursor.key().unwrap_or_default();
    let is_head = matches!(cursor.steps.first(), Some(Step::Key(it)) if it != "spec");
    match &cursor.on {
        On::Value(value) if kind_named_by(key).is_some() => {
            let kind = kind_named_by(key).unwrap_or_default();
            let (file, found) = index.named(kind, value, here.as_deref())?;
            object(index, file, found, &mut said);
        }
        On::Value(_) if is_head => {
            let (kind, name) = (cursor.kind()?, cursor.metadata("name")?);
            let (file, found) = index.named(&kind, &name, here.as_deref())?;
            object(index, file, found, &mut said);
        }
        On::Key | On::Value(_) => field_text(index, file, cursor, &mut said)?,
    }
    Some(Hover {
        text: said,
        at: location(file, cursor.span),
    })
}

fn add(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("strings take text");
}

/// A document: what it is, and what holds for it.
fn object(index: &Index, file: &SourceFile, object: &Declared, said: &mut String) {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let dot = if namespace.is_empty() { "" } else { "." };
    add(
        said,
        &format!(
            "**{} {}{dot}{namespace}** – {}",
            object.kind, object.name, file.path
        ),
    );
    for of in ["ports", "versions", "listeners", "rules"] {
        let names: Vec<&str> = object
            .parts
            .iter()
            .filter(|it| it.of == of)
            .map(|it| it.name.as_str())
            .collect();
        if !names.is_empty() {
            add(said, &format!("\n{of}: {}", names.join(", ")));
        }
    }
    if !matches!(object.kind.as_str(), "Service" | "ExternalService") {
        return;
    }
    let trees = trees(FileId(0), file);
    let tree = trees
        .iter()
        .find(|it| it.span.start <= object.span.start && object.span.end <= it.span.end);
    let spec = tree.and_then(|it| field(it, "spec"));
    add(said, "\n| effective | value | from |\n|---|---|---|");
    for (name, Written { value, origin }) in defaults(index, file, spec, namespace) {
        add(said, &format!("| {name} | `{value}` | {origin} |"));
    }
}

/// A field: what it says, its value, and who else writes it.
fn field_text(
    index: &Index,
    file: &SourceFile,
    cursor: &Cursor<'_>,
    said: &mut String,
) -> Option<()> {
    let place = cursor.place()?;
    let kind = cursor.kind()?;
    let dotted = cursor.dotted();
    let dotted = dotted.strip_prefix("spec.").unwrap_or(&dotted);
    add(
        said,
        &format!("**{kind}.{dotted}** – {}", place.type_words()),
    );
    add(said, &format!("\n{}", place.description()));
    if let Some(default) = place.default() {
        add(said, &format!("\nleft out: `{default}`"));
    }
    let words = place.words();
    if !words.is_empty() {
        add(said, &format!("\none of {}", words.join(", ")));
    }
    let mut steps = cursor.steps.iter();
    let node = steps.try_fold(&cursor.document, |node, step| follow(node, step));
    let is_scalar = node.is_some_and(|it| text(it).is_some());
    if let Some(value) = node.filter(|_| is_scalar).and_then(|it| written(file, it)) {
        add(said, &format!("\n`{}` – {}", value.value, value.origin));
    }
    let name = cursor.metadata("name")?;
    let object = index.named(&kind, &name, cursor.metadata("namespace").as_deref());
    if let Some((_, object)) = object {
        for (environment, value) in patched(index, object, &cursor.document, &cursor.steps) {
            add(
                said,
                &format!("\nin `{environment}`: `{}` – {}", value.value, value.origin),
            );
        }
    }
    Some(())
}
