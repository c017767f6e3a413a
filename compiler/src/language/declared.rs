//! Where something that is named is declared.

use super::Location;
use super::cursor::{Cursor, On, Step};
use super::index::{Declared, Index, Part, field, text};
use crate::diagnostic::Span;
use crate::source_set::SourceFile;

/// Where what the cursor names is declared.
pub(super) fn declared(index: &Index, file: &SourceFile, cursor: &Cursor<'_>) -> Option<Location> {
    let On::Value(value) = &cursor.on else {
        return None;
    };
    let here = cursor.metadata("namespace");
    let key = cursor.key()?;
    if let Some(kind) = kind_named_by(key) {
        let (file, found) = index.named(kind, value, here.as_deref())?;
        return Some(location(file, found.span));
    }
    match key {
        "version" => part(index, cursor, "versions", value),
        "ports" | "port" => {
            part(index, cursor, "ports", value).or_else(|| part(index, cursor, "listeners", value))
        }
        // A case of a `PolicyTest` expects the rule of a route.
        "rule" => rule(index, cursor, value, here.as_deref()),
        "name" if matches!(cursor.steps.first(), Some(Step::Key(it)) if it == "metadata") => {
            Some(location(file, cursor.span))
        }
        _ => None,
    }
}

/// The kind of what a field names, where its value is the name of a document.
pub(super) fn kind_named_by(key: &str) -> Option<&'static str> {
    Some(match key {
        "service" => "Service",
        "gateway" | "via" => "Gateway",
        "external" => "ExternalService",
        "issuer" => "TokenIssuer",
        _ => return None,
    })
}

/// The service or gateway that the entry around the cursor, or its document, is about.
pub(super) fn subject<'i>(
    index: &'i Index,
    cursor: &Cursor<'_>,
) -> Option<(&'i SourceFile, &'i Declared)> {
    let here = cursor.metadata("namespace");
    let spec = field(&cursor.document, "spec");
    let nodes = [cursor.around(), spec];
    let named = nodes.into_iter().flatten().find_map(|node| {
        let kinds = [
            ("service", "Service"),
            ("gateway", "Gateway"),
            ("external", "ExternalService"),
        ];
        kinds.into_iter().find_map(|(key, kind)| {
            let (reference, _) = text(field(node, key)?)?;
            index.named(kind, &reference, here.as_deref())
        })
    });
    named.or_else(|| {
        let (kind, name) = (cursor.kind()?, cursor.metadata("name")?);
        index.named(&kind, &name, here.as_deref())
    })
}

fn part(index: &Index, cursor: &Cursor<'_>, of: &str, name: &str) -> Option<Location> {
    let (file, subject) = subject(index, cursor)?;
    let found = subject
        .parts
        .iter()
        .find(|it| it.of == of && it.name == name)?;
    Some(location(file, found.span))
}

/// A rule of any route of this namespace.
fn rule(index: &Index, cursor: &Cursor<'_>, name: &str, here: Option<&str>) -> Option<Location> {
    let is_it = |it: &&Part| it.of == "rules" && it.name == name;
    let in_host = cursor.metadata("name");
    let mut routes: Vec<_> = index.of_kind("Route").collect();
    routes.sort_by_key(|(_, it)| {
        (
            it.namespace.as_deref() != here,
            Some(&it.name) != in_host.as_ref(),
        )
    });
    routes.into_iter().find_map(|(file, route)| {
        let found = route.parts.iter().find(is_it)?;
        Some(location(file, found.span))
    })
}

pub(super) fn location(file: &SourceFile, span: Span) -> Location {
    Location {
        path: std::sync::Arc::clone(&file.path),
        start: span.start as usize,
        end: span.end as usize,
    }
}
