use mesh_ir::ValueMatch;

use super::pattern::full_match;

/// Whether every value that `narrow` takes is taken by `wide`.
pub(super) fn implies(narrow: &ValueMatch, wide: &ValueMatch) -> bool {
    use ValueMatch as V;
    match (narrow, wide) {
        (V::Absent, V::Absent) => true,
        (V::Absent, _) | (_, V::Absent) => false,
        (_, V::Present) => true,
        (V::Exact(text), _) => takes(wide, text).unwrap_or(false),
        (V::In(texts), _) => texts.iter().all(|text| takes(wide, text).unwrap_or(false)),
        (V::Prefix(narrow), V::Prefix(wide)) => narrow.starts_with(wide.as_str()),
        (V::Suffix(narrow), V::Suffix(wide)) => narrow.ends_with(wide.as_str()),
        (V::Regex(narrow), V::Regex(wide)) => narrow == wide,
        (V::Present | V::Prefix(_) | V::Suffix(_) | V::Regex(_), _) => false,
    }
}

/// Whether no single value is taken by both.
pub(super) fn excludes(a: &ValueMatch, b: &ValueMatch) -> bool {
    use ValueMatch as V;
    match (a, b) {
        (V::Absent, V::Absent) => false,
        (V::Absent, _) | (_, V::Absent) => true,
        (V::Exact(text), other) | (other, V::Exact(text)) => takes(other, text) == Some(false),
        (V::In(texts), other) | (other, V::In(texts)) => {
            texts.iter().all(|text| takes(other, text) == Some(false))
        }
        (V::Prefix(a), V::Prefix(b)) => !a.starts_with(b.as_str()) && !b.starts_with(a.as_str()),
        (V::Suffix(a), V::Suffix(b)) => !a.ends_with(b.as_str()) && !b.ends_with(a.as_str()),
        _ => false,
    }
}

/// Whether a condition takes one value; `None` where a regex does not compile.
pub(super) fn takes(condition: &ValueMatch, text: &str) -> Option<bool> {
    Some(match condition {
        ValueMatch::Exact(exact) => exact == text,
        ValueMatch::Prefix(prefix) => text.starts_with(prefix.as_str()),
        ValueMatch::Suffix(suffix) => text.ends_with(suffix.as_str()),
        ValueMatch::Regex(regex) => return full_match(regex, text, false),
        ValueMatch::In(texts) => texts.iter().any(|one| one == text),
        ValueMatch::Present => true,
        ValueMatch::Absent => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> ValueMatch {
        ValueMatch::Exact(text.into())
    }

    #[test]
    fn exact_values_imply_what_takes_them() {
        assert!(implies(&exact("ab"), &ValueMatch::Prefix("a".into())));
        assert!(implies(&exact("ab"), &ValueMatch::Regex("a.".into())));
        assert!(implies(&exact("ab"), &ValueMatch::Present));
        assert!(!implies(&ValueMatch::Present, &exact("ab")));
        assert!(!implies(&ValueMatch::Absent, &ValueMatch::Present));
    }

    #[test]
    fn values_that_cannot_be_one_exclude_each_other() {
        assert!(excludes(&exact("a"), &exact("b")));
        assert!(excludes(&ValueMatch::Absent, &ValueMatch::Present));
        assert!(excludes(
            &ValueMatch::Prefix("a".into()),
            &ValueMatch::Prefix("b".into())
        ));
        assert!(!excludes(
            &ValueMatch::Prefix("a".into()),
            &ValueMatch::Suffix("b".into())
        ));
    }
}
