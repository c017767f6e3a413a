//! A kind or a field of the language, as its vocabulary describes it.

use std::fmt::Write as _;

use mesh_compiler::{FieldPlace, Vocabulary};

use crate::table::table;

/// The page of `Mesh`, `Mesh.defaults`, `Route.rules.to`; the error says what there is.
pub(super) fn page(path: &str) -> Result<String, String> {
    let place = Vocabulary::get().find(path)?;
    let mut text = format!("{path}\n");
    let mut add = |line: &str| writeln!(text, "{line}").expect("strings take text");
    for line in place.description().lines() {
        add(&format!("  {line}"));
    }
    for line in facts(place, path) {
        add(&format!("  {line}"));
    }
    let inside = place.inside();
    let fields = inside.fields();
    if !fields.is_empty() {
        let rows = fields.iter().map(|(name, field)| {
            let required = if inside.requires(name) {
                " (required)"
            } else {
                ""
            };
            let first = field.description().lines().next().unwrap_or("");
            [
                format!("  {name}"),
                field.type_words(),
                format!("{first}{required}"),
            ]
        });
        add("");
        add(table(["  field", "type", "says"], rows).trim_end());
    }
    if let Some(example) = Vocabulary::get().example(path) {
        add("\n  for example:\n");
        for line in example.lines() {
            add(&format!("    {line}"));
        }
    }
    Ok(text)
}

/// Type, words, default: what is known of them.
fn facts(place: FieldPlace<'_>, path: &str) -> Vec<String> {
    let mut facts = Vec::new();
    let kind = path.split('.').nth(1).is_none();
    let words = place.type_words();
    if !kind && !words.is_empty() {
        facts.push(match place.type_description() {
            Some(text) => format!("type: {words} – {}", text.lines().next().unwrap_or("")),
            None => format!("type: {words}"),
        });
    }
    let words = place.words();
    if !words.is_empty() {
        facts.push(format!("one of: {}", words.join(", ")));
    }
    facts.extend(place.default().map(|it| format!("default: {it}")));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_lists_its_fields_in_the_order_of_the_language() {
        let text = page("Team").unwrap();
        let at = |word: &str| {
            text.find(word)
                .unwrap_or_else(|| panic!("{word} in {text}"))
        };
        assert!(at("  owns") < at("  contact"), "{text}");
        assert!(text.contains("(required)"), "{text}");
    }

    #[test]
    fn a_field_has_type_words_and_example() {
        let text = page("Route.rules.retries.backoff").unwrap();
        assert!(text.contains("base") && text.contains("duration"), "{text}");
        let text = page("Service.ports.protocol").unwrap();
        assert!(text.contains("one of: http, "), "{text}");
        let text = page("Mesh.defaults.timeout").unwrap();
        assert!(text.contains("for example:\n\n    timeout: "), "{text}");
    }

    #[test]
    fn a_value_that_may_hold_itself_is_any_value() {
        let text = page("PolicyTest.cases.request").unwrap();
        assert!(text.contains("mapping of names to any value"), "{text}");
        assert!(page("PolicyTest.cases.request.claims").is_ok());
    }

    #[test]
    fn what_is_misspelt_is_answered_with_what_is_near() {
        let text = page("Mesh.defalts").unwrap_err();
        assert_eq!(
            text,
            "`Mesh` has no field `defalts`; do you mean `defaults`?"
        );
    }
}
