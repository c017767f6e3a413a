use serde_json::{Map, Value, json};

/// Says of every list of scalars that it has nothing twice.
pub(super) fn mark(schema: &mut Value) {
    let definitions = schema.get("$defs").cloned();
    let none = Map::new();
    let definitions = definitions.as_ref().and_then(Value::as_object);
    walk(schema, definitions.unwrap_or(&none));
}

fn walk(schema: &mut Value, definitions: &Map<String, Value>) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|it| walk(it, definitions)),
        Value::Object(object) => {
            let is_list = object.get("type") == Some(&json!("array"));
            let items = object.get("items").filter(|_| is_list);
            if items.is_some_and(|it| is_scalar(it, definitions)) {
                object.insert("uniqueItems".to_owned(), json!(true));
            }
            object.values_mut().for_each(|it| walk(it, definitions));
        }
        _ => {}
    }
}

fn is_scalar(schema: &Value, definitions: &Map<String, Value>) -> bool {
    if let Some(Value::String(reference)) = schema.get("$ref") {
        let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
        return definitions
            .get(name)
            .is_some_and(|it| is_scalar(it, definitions));
    }
    if let Some(Value::Array(choices)) = schema.get("anyOf") {
        return choices.iter().all(|it| is_scalar(it, definitions));
    }
    matches!(schema.get("type"), Some(Value::String(name)) if name == "string" || name == "integer")
}
