//! JSON Schemas of the intent kinds.

/// Every schema: file name and text.
pub fn all() -> Vec<(&'static str, String)> {
    Vec::new()
}
