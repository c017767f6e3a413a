//! Fields in the order of the language.

use super::tree::{Collection, Document, Item, Stream, Trivia, Value};
use crate::vocabulary::{Place, Vocabulary};

/// Puts the keys of every mapping whose fields the language names into its order; those
/// that it does not know come last, as they were written. Comments go with their keys.
pub(super) fn sort(stream: &mut Stream) {
    for document in &mut stream.documents {
        sort_document(document);
    }
}

fn sort_document(document: &mut Document) {
    let Document {
        header,
        root: Some(Value::Collection(root)),
        ..
    } = document
    else {
        return;
    };
    // What stands above everything speaks of the document, whichever key comes first.
    if let Some(first) = root.items.first_mut().filter(|_| !root.flow) {
        header.append(&mut first.above);
    }
    let place = kind_of(root).and_then(|kind| Vocabulary::get().document(&kind));
    if let Some(place) = place {
        sort_collection(root, place);
    }
    if let Some(first) = root.items.first_mut().filter(|_| !root.flow) {
        // It may have stood between other keys, after a blank line.
        if header.is_empty() {
            first.above.retain(|it| *it != Trivia::Blank);
        }
    }
}

fn kind_of(root: &Collection) -> Option<String> {
    let is_kind = |item: &&Item| item.key.as_ref().is_some_and(|key| key.text == "kind");
    match &root.items.iter().find(is_kind)?.value {
        Value::Scalar(scalar) => Some(scalar.text.clone()),
        Value::Block(_) | Value::Collection(_) => None,
    }
}

fn sort_collection(collection: &mut Collection, place: Place<'_>) {
    if collection.is_map {
        let fields = place.fields();
        let rank = |item: &Item| {
            let key = item.key.as_ref().map(|key| key.text.as_str());
            let known = fields.iter().position(|(name, _)| Some(*name) == key);
            known.unwrap_or(fields.len())
        };
        let is_named = !fields.is_empty() && place.chosen().is_none();
        if is_named && !collection.items.is_sorted_by_key(rank) {
            collection.items.sort_by_key(rank);
        }
    }
    for item in &mut collection.items {
        let Value::Collection(inner) = &mut item.value else {
            continue;
        };
        let next = match &item.key {
            Some(key) => place.step(&key.text),
            None => place.item(),
        };
        if let Some(next) = next {
            sort_collection(inner, next);
        }
    }
}
