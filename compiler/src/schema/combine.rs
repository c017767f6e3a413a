//! What a mapping says about its own fields, as JSON Schema puts it.

use serde_json::{Value, json};

/// Exactly one of these is there.
pub(super) fn exactly_one(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| json!({"required": [name]}))
        .collect()
}

/// For `allOf`: `name` stands beside none of `others`.
pub(super) fn excludes(name: &str, others: &[&str]) -> Vec<Value> {
    others
        .iter()
        .map(|other| json!({"not": {"required": [name, other]}}))
        .collect()
}
