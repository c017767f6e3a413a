//! Documents with one fault, made from good ones.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// Values seen under each field, to put where they do not belong.
#[derive(Default)]
pub(super) struct Pool(BTreeMap<String, Value>);

impl Pool {
    pub(super) fn fill(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    self.0.entry(key.clone()).or_insert_with(|| value.clone());
                    self.fill(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.fill(item)),
            _ => {}
        }
    }
}

/// What takes the place of a value, whatever it was.
fn replacements() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(7),
        json!(99_999_999_999_i64),
        json!(1.5),
        json!(""),
        json!(" "),
        json!("x"),
        json!("No Such-Word"),
        json!("-"),
        json!("/x"),
        json!("1s"),
        json!("0%"),
        json!("a.b"),
        json!([]),
        json!({}),
        json!(["x"]),
        json!([{"x": "y"}]),
        json!({"x": "y"}),
    ]
}

/// Where the values of a document are, as JSON pointers; the whole is not among them.
fn places(at: &str, value: &Value, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => (0..).map(|it: usize| it.to_string()).zip(items).collect(),
        _ => vec![],
    };
    for (key, value) in inner {
        let at = format!("{at}/{key}");
        places(&at, value, found);
        found.push(at);
    }
}

/// The fields that a mapping with these may have as well.
fn siblings(object: &Map<String, Value>) -> BTreeSet<&'static str> {
    crate::syntax::shapes()
        .filter(|shape| object.keys().all(|key| shape.contains(&key.as_str())))
        .flatten()
        .copied()
        .filter(|field| !object.contains_key(*field))
        .collect()
}

/// Every document that is one fault away.
pub(super) fn mutations(document: &Value, pool: &Pool) -> Vec<Value> {
    let mut pointers = Vec::new();
    places("", document, &mut pointers);
    let mut found = Vec::new();
    for pointer in &pointers {
        for value in replacements() {
            found.push(edited(document, pointer, |place| *place = value));
        }
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        found.push(edited(document, parent, |place| match place {
            Value::Object(object) => drop(object.remove(&key)),
            Value::Array(items) => drop(items.remove(key.parse().unwrap())),
            _ => {}
        }));
        found.push(edited(document, parent, |place| match place {
            Value::Object(object) => {
                let value = object.remove(&key).unwrap();
                object.insert(format!("{key}X"), value);
            }
            Value::Array(items) => items.push(items[key.parse::<usize>().unwrap()].clone()),
            _ => {}
        }));
        if let Some(Value::Object(object)) = document.pointer(pointer) {
            for field in siblings(object) {
                let value = pool.0.get(field).cloned().unwrap_or(json!("x"));
                found.push(edited(document, pointer, |place| place[field] = value));
            }
        }
    }
    found
}

fn edited(document: &Value, pointer: &str, edit: impl FnOnce(&mut Value)) -> Value {
    let mut document = document.clone();
    edit(document.pointer_mut(pointer).unwrap());
    document
}
