use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

/// The claims of a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims(Arc<Value>);

impl Claims {
    /// From the payload of the token.
    pub fn new(payload: Map<String, Value>) -> Self {
        Self(Arc::new(Value::Object(payload)))
    }

    /// The value under a name, or under a JSON pointer with a leading slash (RFC 6901).
    pub fn get(&self, name: &str) -> Option<&Value> {
        if name.starts_with('/') {
            self.0.pointer(name)
        } else {
            self.0.get(name)
        }
    }

    /// Calls `f` with every value of a claim as text: the items of a list, the words of
    /// `scope`, and numbers and truth values as JSON writes them. `null` is no value.
    pub(crate) fn values(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        match self.get(name) {
            None => {}
            Some(Value::String(words)) if matches!(name, "scope" | "/scope") => {
                words
                    .split_ascii_whitespace()
                    .for_each(|word| f(word.as_bytes()));
            }
            Some(Value::Array(items)) => items.iter().for_each(|item| one(item, f)),
            Some(value) => one(value, f),
        }
    }

    /// The claim as the value of a header: a list's items with commas between.
    pub(crate) fn header_value(&self, name: &str) -> Option<String> {
        let mut parts: Vec<Cow<'_, str>> = vec![];
        match self.get(name)? {
            Value::Array(items) => parts.extend(items.iter().filter_map(text)),
            value => parts.extend(text(value)),
        }
        let joined = parts.join(",");
        // A control byte would end the field or the section (RFC 9110 section 5.5).
        let is_value = !parts.is_empty() && !joined.bytes().any(|byte| byte.is_ascii_control());
        is_value.then_some(joined)
    }
}

fn one(value: &Value, f: &mut dyn FnMut(&[u8])) {
    if let Some(text) = text(value) {
        f(text.as_bytes());
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str) -> Vec<String> {
        let json = r#"{"sub": "ann", "age": 7, "ok": true, "none": null, "scope": "read  write",
            "groups": ["sre", "dev", null, 1], "realm_access": {"roles": ["admin"]}, "a/b": "slash",
            "x": "a\nb"}"#;
        let claims = Claims::new(serde_json::from_str(json).unwrap());
        let mut all = vec![];
        claims.values(name, &mut |value| {
            all.push(String::from_utf8(value.to_vec()).unwrap());
        });
        assert!(name != "groups" || claims.header_value(name).as_deref() == Some("sre,dev,1"));
        assert_eq!(claims.header_value("x"), None);
        all
    }

    #[test]
    fn lists_and_the_words_of_scope_are_several_values() {
        assert_eq!(values("groups"), ["sre", "dev", "1"]);
        assert_eq!(values("scope"), ["read", "write"]);
        assert_eq!(values("sub"), ["ann"]);
        assert_eq!(values("age"), ["7"]);
        assert_eq!(values("ok"), ["true"]);
        assert_eq!(values("none"), [""; 0]);
        assert_eq!(values("nobody"), [""; 0]);
    }

    #[test]
    fn a_leading_slash_makes_a_json_pointer() {
        assert_eq!(values("/realm_access/roles"), ["admin"]);
        assert_eq!(values("/a~1b"), ["slash"]);
        assert_eq!(values("a/b"), ["slash"]);
        assert_eq!(values("/realm_access"), [r#"{"roles":["admin"]}"#]);
        assert_eq!(values("/nothing/here"), [""; 0]);
    }
}
