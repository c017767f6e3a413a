use std::cell::RefCell;
use std::collections::BTreeMap;

use mesh_decide::regex_form;
use regex::bytes::{Regex, RegexBuilder};

/// How many automata are kept, for rules are compared in pairs.
const MAX_KNOWN: usize = 1024;

thread_local! {
    static KNOWN: RefCell<BTreeMap<(bool, String), Option<Regex>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether a regex of the language covers the whole of a text, folded without case;
/// `None` where it does not compile.
pub(crate) fn full_match(pattern: &str, text: &str, folded: bool) -> Option<bool> {
    KNOWN.with_borrow_mut(|known| {
        let key = (folded, pattern.to_owned());
        if let Some(regex) = known.get(&key) {
            return regex.as_ref().map(|it| it.is_match(text.as_bytes()));
        }
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        let regex = build(pattern, folded);
        let found = regex.as_ref().map(|it| it.is_match(text.as_bytes()));
        known.insert(key, regex);
        found
    })
}

fn build(pattern: &str, folded: bool) -> Option<Regex> {
    let form = regex_form(pattern, folded);
    RegexBuilder::new(&form.pattern)
        .unicode(form.unicode)
        .case_insensitive(form.case_insensitive)
        .dot_matches_new_line(form.dot_matches_new_line)
        .size_limit(1 << 20)
        .build()
        .ok()
}

/// Text with which everything starts that the regex covers; empty where none is
/// easily seen.
pub(super) fn literal_prefix(pattern: &str) -> &str {
    if pattern.contains('|') {
        return "";
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_~:@!,=%".contains(c);
    let end = pattern.find(|c| !plain(c)).unwrap_or(pattern.len());
    // A quantifier makes the character before it uncertain.
    match pattern[end..].chars().next() {
        Some('*' | '+' | '?' | '{') => &pattern[..end.saturating_sub(1)],
        _ => &pattern[..end],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_ends_before_the_first_choice() {
        assert_eq!(literal_prefix("/a/[0-9]+"), "/a/");
        assert_eq!(literal_prefix("/ab*"), "/a");
        assert_eq!(literal_prefix("/a|/b"), "");
        assert_eq!(literal_prefix("(?i)/a"), "");
        assert_eq!(literal_prefix("/a"), "/a");
    }
}
