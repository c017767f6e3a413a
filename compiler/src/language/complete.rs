//! What may stand at a place.
//!
//! A text that is being written is rarely a document. So a word of ours is put at the
//! cursor, as a value and then as a key, and the text is read with it; where the word is
//! found says what is wanted.

use std::collections::BTreeSet;

use super::cursor::{Cursor, On, Step};
use super::declared::{kind_named_by, subject};
use super::index::Index;
use super::text_of;
use crate::source_set::SourceFile;
use crate::syntax::NodeKind;
use crate::vocabulary::{Place, Vocabulary};

/// Nobody writes it.
const MARK: &str = "zqzcursorzqz";

/// One thing that may stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is shown, and looked for by what has been typed.
    pub label: String,
    /// What is written.
    pub insert: String,
    /// A line about it.
    pub detail: String,
    /// What it is.
    pub kind: SuggestionKind,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionKind {
    /// A field.
    Field,
    /// A word of the language.
    Word,
    /// Something that the files declare.
    Name,
}

pub(super) fn complete(index: &Index, file: &SourceFile, byte: usize) -> Vec<Suggestion> {
    let Some(text) = text_of(file) else {
        return vec![];
    };
    let Some((before, after)) = text.split_at_checked(byte) else {
        return vec![];
    };
    // What is left of the word behind the cursor is not what is being written.
    let rest = after.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_'));
    let after = &after[rest.unwrap_or(after.len())..];
    let endings: &[&str] = if after.starts_with(':') {
        &[""]
    } else {
        &["", ": x"]
    };
    for ending in endings {
        let marked = format!("{before}{MARK}{ending}{after}");
        let marked = SourceFile::new(file.path.as_ref(), marked.as_bytes());
        let Some(cursor) = Cursor::at(&marked, byte + 1) else {
            continue;
        };
        let found = at(index, &cursor);
        if !found.is_empty() {
            return found;
        }
    }
    vec![]
}

fn at(index: &Index, cursor: &Cursor<'_>) -> Vec<Suggestion> {
    match &cursor.on {
        On::Key => {
            let mut around = Vec::from(&cursor.steps[..cursor.steps.len().saturating_sub(1)]);
            let place = place(cursor, &mut around);
            place.map_or_else(Vec::new, |place| fields(place, &used(cursor)))
        }
        On::Value(_) => {
            let mut found = names(index, cursor);
            let place = place(cursor, &mut cursor.steps.clone());
            if let Some(place) = place {
                found.extend(words(place));
                if place.type_words().contains("mapping") {
                    found.extend(fields(place, &BTreeSet::new()));
                }
            }
            found
        }
    }
}

/// The place that steps lead to; of a document that does not say its kind yet, its head.
fn place(cursor: &Cursor<'_>, steps: &mut Vec<Step>) -> Option<Place<'static>> {
    let vocabulary = Vocabulary::get();
    let kind = cursor.kind().filter(|it| vocabulary.document(it).is_some());
    let kind = kind.or_else(|| steps.len().lt(&2).then(|| "Service".to_owned()))?;
    let document = vocabulary.document(&kind)?;
    steps
        .drain(..)
        .try_fold(document, |place, step| match step {
            Step::Key(key) => place.step(&key),
            Step::Item(_) => place.item(),
        })
}

/// The keys that the mapping has already.
fn used(cursor: &Cursor<'_>) -> BTreeSet<String> {
    match cursor.around().map(|it| &it.kind) {
        Some(NodeKind::Map(entries)) => entries.iter().map(|it| it.key.to_string()).collect(),
        _ => BTreeSet::new(),
    }
}

fn fields(place: Place<'_>, used: &BTreeSet<String>) -> Vec<Suggestion> {
    let fields = place.fields().into_iter();
    let fields = fields.filter(|(name, _)| !used.contains(*name));
    fields
        .map(|(name, field)| Suggestion {
            label: name.to_owned(),
            insert: format!("{name}: "),
            detail: field
                .description()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            kind: SuggestionKind::Field,
        })
        .collect()
}

fn words(place: Place<'_>) -> Vec<Suggestion> {
    let mut words = place.words();
    if place.type_words().contains("true or false") {
        words.extend(["true", "false"]);
    }
    let word = |word: &str| Suggestion {
        label: word.to_owned(),
        insert: word.to_owned(),
        detail: String::new(),
        kind: SuggestionKind::Word,
    };
    words.into_iter().map(word).collect()
}

/// Names that the files declare, where the field takes such.
fn names(index: &Index, cursor: &Cursor<'_>) -> Vec<Suggestion> {
    let here = cursor.metadata("namespace");
    let key = cursor.key().unwrap_or_default();
    let name = |label: String, detail: String| Suggestion {
        insert: label.clone(),
        label,
        detail,
        kind: SuggestionKind::Name,
    };
    if key == "kind" {
        let kinds = Vocabulary::get().kinds();
        return kinds.map(|it| name(it.to_owned(), String::new())).collect();
    }
    if let Some(kind) = kind_named_by(key) {
        let found = index.of_kind(kind).map(|(file, it)| {
            let namespace = it.namespace.as_deref();
            let label = match namespace {
                Some(namespace) if namespace != here.as_deref().unwrap_or_default() => {
                    format!("{}.{namespace}", it.name)
                }
                _ => it.name.clone(),
            };
            name(label, file.path.to_string())
        });
        let mut found: Vec<_> = found.collect();
        // Those of this namespace first.
        found.sort_by_key(|it| (it.label.contains('.'), it.label.clone()));
        return found;
    }
    match key {
        "namespace" | "namespaces" => {
            let all = index.documents().filter_map(|(_, it)| it.namespace.clone());
            let all: BTreeSet<String> = all.filter(|it| !it.contains(MARK)).collect();
            all.into_iter().map(|it| name(it, String::new())).collect()
        }
        "version" => parts(index, cursor, &["versions"]),
        "ports" | "port" => parts(index, cursor, &["ports", "listeners"]),
        _ => vec![],
    }
}

fn parts(index: &Index, cursor: &Cursor<'_>, of: &[&str]) -> Vec<Suggestion> {
    let Some((_, subject)) = subject(index, cursor) else {
        return vec![];
    };
    let found = subject.parts.iter().filter(|it| of.contains(&it.of));
    found
        .map(|it| Suggestion {
            label: it.name.clone(),
            insert: it.name.clone(),
            detail: format!("of {} {}", subject.kind, subject.name),
            kind: SuggestionKind::Name,
        })
        .collect()
}
