//! What is written on one line, and how wide it is.

use super::scalar::written;
use super::tree::{Collection, Item, Trivia, Value};

/// The widest line that brackets may fill.
pub(super) const WIDTH: usize = 120;

/// A value on one line: a scalar, or a list or mapping that was written in brackets and
/// fits. `used` is what the line holds before it.
pub(super) fn on_one_line(value: &Value, used: usize) -> Option<String> {
    match value {
        Value::Block(_) => None,
        Value::Scalar(scalar) => Some(written(scalar, false)),
        Value::Collection(collection) if collection.items.is_empty() => {
            Some(if collection.is_map { "{}" } else { "[]" }.to_owned())
        }
        Value::Collection(collection) => {
            if !collection.flow || !is_bare(collection) {
                return None;
            }
            let text = flow(value);
            (used + text.chars().count() <= WIDTH).then_some(text)
        }
    }
}

/// Whether nothing in it needs lines of its own.
fn is_bare(collection: &Collection) -> bool {
    let bare = |item: &Item| {
        let value = match &item.value {
            Value::Scalar(_) => true,
            Value::Block(_) => false,
            Value::Collection(inner) => is_bare(inner),
        };
        value && item.comment.is_none() && !has_comment(&item.above)
    };
    !has_comment(&collection.tail) && collection.items.iter().all(bare)
}

fn has_comment(trivia: &[Trivia]) -> bool {
    trivia.iter().any(|it| *it != Trivia::Blank)
}

fn flow(value: &Value) -> String {
    let collection = match value {
        Value::Scalar(scalar) => return written(scalar, true),
        Value::Block(_) => return String::new(),
        Value::Collection(collection) => collection,
    };
    let item = |item: &Item| match &item.key {
        Some(key) => format!("{}: {}", written(key, true), flow(&item.value)),
        None => flow(&item.value),
    };
    let items: Vec<String> = collection.items.iter().map(item).collect();
    let items = items.join(", ");
    if collection.is_map {
        format!("{{{items}}}")
    } else {
        format!("[{items}]")
    }
}
