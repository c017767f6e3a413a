use regex::bytes::{Regex, RegexBuilder};

/// The largest compiled program of one regex, in bytes.
const SIZE_LIMIT: usize = 256 * 1024;
/// The largest cache of lazily built states of one regex and thread, in bytes.
const CACHE_LIMIT: usize = 1024 * 1024;

/// A regex of an intent: RE2-like, over bytes, anchored at both ends, in an exact
/// form and in one without ASCII case for what must fail closed.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    exact: Regex,
    folded: Regex,
}

/// Why a text is not a regex of the language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegex {
    /// The grammar, or look-around and back references, which RE2 has not.
    #[error("the regex cannot be read: {0}")]
    Syntax(String),
    /// The automaton would be too large.
    #[error("the regex needs more than {SIZE_LIMIT} bytes; shorten it or its repetitions")]
    TooLarge,
}

/// How many capturing groups a regex of an intent has; an error where a proxy
/// would not take it.
pub fn regex_groups(pattern: &str) -> Result<usize, InvalidRegex> {
    Automaton::new(pattern).map(|it| it.groups())
}

/// How a regex of an intent is read: over bytes, in the syntax of the crate `regex`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexForm {
    /// Anchored at both ends.
    pub pattern: String,
    /// Always false: bytes, not characters.
    pub unicode: bool,
    /// Without ASCII case.
    pub case_insensitive: bool,
    /// Whether `.` takes a line break.
    pub dot_matches_new_line: bool,
}

/// The form in which a regex decides; `folded` where it closes.
pub fn regex_form(pattern: &str, folded: bool) -> RegexForm {
    RegexForm {
        pattern: anchored(pattern),
        unicode: false,
        case_insensitive: folded,
        // What closes is not held up by a line break in a decoded value.
        dot_matches_new_line: folded,
    }
}

impl Automaton {
    /// Builds both forms.
    pub(crate) fn new(pattern: &str) -> Result<Self, InvalidRegex> {
        // Alone first: `a)|(b` is no regex, though it would be one between our anchors.
        build(pattern, false)?;
        let anchored = anchored(pattern);
        Ok(Self {
            exact: build(&anchored, false)?,
            folded: build(&anchored, true)?,
        })
    }

    /// How many capturing groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.exact.captures_len() - 1
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        self.exact.is_match(text)
    }

    /// Whether the whole text matches without ASCII case.
    pub(crate) fn matches_folded(&self, text: &[u8]) -> bool {
        self.folded.is_match(text)
    }

    /// What a group holds, where the whole text matches; empty for a group that took no part.
    pub(crate) fn group<'t>(&self, text: &'t [u8], group: usize) -> &'t [u8] {
        self.exact
            .captures(text)
            .and_then(|captures| captures.get(group))
            .map_or(&[], |found| found.as_bytes())
    }
}

/// A regex over the whole text.
pub(crate) fn anchored(pattern: &str) -> String {
    format!(r"\A(?:{pattern})\z")
}

fn build(pattern: &str, fold: bool) -> Result<Regex, InvalidRegex> {
    let form = regex_form(pattern, fold);
    RegexBuilder::new(pattern)
        .unicode(form.unicode)
        .case_insensitive(form.case_insensitive)
        .dot_matches_new_line(form.dot_matches_new_line)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(CACHE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => InvalidRegex::TooLarge,
            other => InvalidRegex::Syntax(last_line(&other.to_string())),
        })
}

/// The parser's message is a picture over several lines; its last line says what is wrong.
fn last_line(message: &str) -> String {
    let line = message.lines().next_back().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_covers_the_whole_text() {
        let either = Automaton::new("a|ab").unwrap();
        assert!(either.matches(b"a") && either.matches(b"ab"));
        assert!(!either.matches(b"abc") && !either.matches(b"xa") && !either.matches(b"a\n"));
    }

    #[test]
    fn anchors_cannot_be_broken_out_of() {
        for pattern in ["a)|(b", "a)|b|(c", "(", "(?x)a # x", "a(?=b)", r"(a)\1"] {
            let got = Automaton::new(pattern);
            assert!(
                got.as_ref().is_err() || !got.as_ref().unwrap().matches(b"b"),
                "{pattern}"
            );
        }
        assert!(matches!(
            Automaton::new("a)|(b"),
            Err(InvalidRegex::Syntax(_))
        ));
        assert!(matches!(
            Automaton::new("a(?=b)"),
            Err(InvalidRegex::Syntax(_))
        ));
    }

    #[test]
    fn bytes_that_are_no_utf8_still_match() {
        assert!(Automaton::new(".*").unwrap().matches(b"\xff\xfe"));
    }

    #[test]
    fn only_the_folded_form_ignores_case() {
        let admin = Automaton::new("/admin/.*").unwrap();
        assert!(!admin.matches(b"/ADMIN/x") && admin.matches_folded(b"/ADMIN/x"));
    }

    #[test]
    fn a_line_break_hides_nothing_from_the_folded_form() {
        let word = Automaton::new(".*drop.*").unwrap();
        assert!(!word.matches(b"\ndrop") && word.matches_folded(b"\ndrop"));
    }

    #[test]
    fn a_huge_automaton_is_refused() {
        assert_eq!(
            Automaton::new("(a{1000}){1000}").err(),
            Some(InvalidRegex::TooLarge)
        );
    }

    #[test]
    fn groups_are_counted_and_read() {
        assert_eq!(regex_groups("/(a+)/(?:x)(b)?"), Ok(2));
        let it = Automaton::new("/(a+)/(b)?").unwrap();
        assert_eq!(it.group(b"/aa/", 1), b"aa");
        assert_eq!(it.group(b"/aa/", 2), b"");
        assert_eq!(it.group(b"/aa/", 9), b"");
    }
}
