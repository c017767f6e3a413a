use mesh_decide::regex_form;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

use super::super::bounds::Undecided;

/// The most bytes of one automaton, and of what its construction remembers: a list of a
/// thousand words has room, and what branches without end is given up in a tenth of a second.
const SIZE_LIMIT: usize = 1024 * 1024;

/// A regex over whole texts, as `mesh-decide` reads it.
#[derive(Debug)]
pub(super) struct Regex {
    dfa: dense::DFA<Vec<u32>>,
    start: StateID,
}

impl Regex {
    /// With the flags of `mesh-decide`; folded is without case.
    pub(super) fn new(pattern: &str, folded: bool) -> Result<Self, Undecided> {
        Self::within(SIZE_LIMIT, pattern, folded)
    }

    /// In so many bytes.
    pub(super) fn within(limit: usize, pattern: &str, folded: bool) -> Result<Self, Undecided> {
        let form = regex_form(pattern, folded);
        let too_large = || match mesh_decide::regex_groups(pattern) {
            Ok(_) => Undecided::Regex(pattern.to_owned()),
            Err(_) => Undecided::NoRegex(pattern.to_owned()),
        };
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(StartKind::Anchored)
                    .match_kind(MatchKind::All)
                    .accelerate(false)
                    .dfa_size_limit(Some(limit))
                    .determinize_size_limit(Some(limit)),
            )
            .thompson(
                thompson::Config::new()
                    .utf8(false)
                    .nfa_size_limit(Some(SIZE_LIMIT)),
            )
            .syntax(
                syntax::Config::new()
                    .unicode(form.unicode)
                    .utf8(false)
                    .case_insensitive(form.case_insensitive)
                    .dot_matches_new_line(form.dot_matches_new_line),
            )
            .build(&form.pattern)
            .map_err(|_| too_large())?;
        let anchored = start::Config::new().anchored(Anchored::Yes);
        let start = dfa.start_state(&anchored).map_err(|_| too_large())?;
        Ok(Self { dfa, start })
    }

    pub(super) fn start(&self) -> u32 {
        self.start.as_u32()
    }

    pub(super) fn next(&self, state: u32, byte: u8) -> u32 {
        let state = StateID::new_unchecked(state as usize);
        self.dfa.next_state(state, byte).as_u32()
    }

    /// Whether the text that led here is covered.
    pub(super) fn accepts(&self, state: u32) -> bool {
        let state = StateID::new_unchecked(state as usize);
        let end = self.dfa.next_eoi_state(state);
        self.dfa.is_match_state(end)
    }

    /// Bytes of one class are never told apart.
    pub(super) fn class(&self, byte: u8) -> u8 {
        self.dfa.byte_classes().get(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, folded: bool, text: &[u8]) -> bool {
        let regex = Regex::new(pattern, folded).unwrap();
        let end = text
            .iter()
            .fold(regex.start(), |state, byte| regex.next(state, *byte));
        regex.accepts(end)
    }

    #[test]
    fn a_regex_covers_the_whole_text() {
        assert!(covers("a|ab", false, b"ab") && !covers("a|ab", false, b"abc"));
        assert!(covers(".*", false, b"\xff") && !covers(".*", false, b"\n"));
        assert!(covers("A.", true, b"a\n") && !covers("A", false, b"a"));
        assert!(covers(r"a\b.*", false, b"a b") && !covers(r"a\b.*", false, b"ab"));
        assert!(covers("", false, b""));
    }

    #[test]
    fn a_large_automaton_is_not_built() {
        for pattern in ["(a|b)*a(a|b){16}", r"(a|\b.*/ab|b){9}", r"(\b|.*a|/.b){99}"] {
            let found = Regex::new(pattern, false).err();
            assert_eq!(found, Some(Undecided::Regex(pattern.to_owned())));
        }
    }

    #[test]
    fn a_long_list_of_words_has_room() {
        let words: Vec<String> = (0..900_u32)
            .map(|it| format!("w{:08x}", it.wrapping_mul(2_654_435_761)))
            .collect();
        let regex = Regex::new(&words.join("|"), false);
        assert!(regex.is_ok(), "{regex:?}");
        let folded = Regex::new(&words[..400].join("|"), true);
        assert!(folded.is_ok(), "{folded:?}");
    }
}
