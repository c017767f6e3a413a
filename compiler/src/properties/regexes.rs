use crate::algebra::tests;

/// Longer ones take long to build and say nothing new.
const MAX_PATTERN: usize = 48;
/// Of the text.
const MAX_TEXT: usize = 256;

/// A regex and a text: within their bounds `mesh-decide` and the automaton of an analysis
/// agree which regexes there are and which texts they cover. The last bit of the text says
/// whether the regex is one of a rule that closes.
pub fn regexes(bytes: &[u8]) {
    let (pattern, text) = super::halves(bytes);
    if pattern.len() > MAX_PATTERN || text.len() > MAX_TEXT {
        return;
    }
    let Ok(pattern) = std::str::from_utf8(pattern) else {
        return;
    };
    let closes = text.last().is_some_and(|byte| byte & 1 == 1);
    tests::regex(pattern, text, closes);
}
