//! What this phase can report: one file per code.

pub(super) mod alias;
pub(super) mod ambiguous_scalar;
pub(super) mod byte_order_mark;
pub(super) mod control_character;
pub(super) mod duplicate_key;
pub(super) mod empty;
pub(super) mod exclusive_fields;
pub(super) mod invalid_value;
pub(super) mod invalid_yaml;
pub(super) mod key_not_text;
pub(super) mod listed_twice;
pub(super) mod missing_field;
pub(super) mod more_findings;
pub(super) mod needless_namespace;
pub(super) mod not_an_intent;
pub(super) mod not_utf8;
pub(super) mod null_value;
pub(super) mod only_at_gateway;
pub(super) mod tag;
pub(super) mod too_deep;
pub(super) mod too_many_nodes;
pub(super) mod unknown_field;
pub(super) mod unknown_kind;
pub(super) mod unqualified;
pub(super) mod unread_file;
pub(super) mod without_effect;
pub(super) mod wrong_order;
pub(super) mod wrong_type;

use crate::diagnostic::CodeInfo;

/// Every code of this phase.
pub(crate) const CODES: &[CodeInfo] = &[
    not_utf8::INFO,
    byte_order_mark::INFO,
    control_character::INFO,
    invalid_yaml::INFO,
    alias::INFO,
    tag::INFO,
    null_value::INFO,
    duplicate_key::INFO,
    ambiguous_scalar::INFO,
    too_deep::INFO,
    too_many_nodes::INFO,
    key_not_text::INFO,
    unread_file::INFO,
    more_findings::INFO,
    unknown_field::INFO,
    missing_field::INFO,
    wrong_type::INFO,
    empty::INFO,
    invalid_value::INFO,
    unknown_kind::INFO,
    not_an_intent::INFO,
    exclusive_fields::INFO,
    needless_namespace::INFO,
    unqualified::INFO,
    listed_twice::INFO,
    only_at_gateway::INFO,
    wrong_order::INFO,
    without_effect::INFO,
];

/// A text of the author's, cut so that the message around it keeps its length, and on one line.
fn short(text: &str, limit: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.len() == text.len() && text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let cut: String = line.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

/// Words as a sentence lists them.
fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}
