use serde_json::Value;

use super::super::all;

/// Every property of every object, with whether something is said about it.
fn properties(at: &str, value: &Value, found: &mut Vec<(String, bool)>) {
    if let Some(Value::Object(properties)) = value.get("properties")
        && value.get("additionalProperties") == Some(&Value::Bool(false))
    {
        for (name, property) in properties {
            found.push((
                format!("{at}/{name}"),
                property.get("description").is_some(),
            ));
        }
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                properties(&format!("{at}/{key}"), value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(at, item, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_the_language_is_described() {
    let mut found = Vec::new();
    for (file, text) in all() {
        properties(file, &serde_json::from_str(&text).unwrap(), &mut found);
    }
    assert!(found.len() > 300);
    let silent: Vec<&str> = found
        .iter()
        .filter(|(_, described)| !described)
        .map(|(at, _)| at.as_str())
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
