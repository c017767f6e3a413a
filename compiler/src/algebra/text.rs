//! Automata over one text: which of some languages it is in.
//!
//! A machine runs some languages at once; a walk ([`values`], [`paths`]) runs it over
//! every text that can arrive and makes an automaton of it. All of them together
//! give the classes of texts that no language tells apart, each with a shortest text.

mod classes;
mod explore;
mod machine;
mod moore;
mod nfa;
pub(super) mod paths;
mod regex;
mod symbol;
pub(super) mod values;

use super::bits::Bits;
#[cfg(any(test, fuzzing))]
use super::bounds::Undecided;

/// The classes of one kind of text under some predicates.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// Of each class the shortest text, in bytes.
    pub(super) texts: Vec<Vec<u8>>,
    /// Of each class the predicates that hold of its texts.
    pub(super) holds: Vec<Bits>,
}

/// Whether a regex covers a text, by its automaton of so many bytes at most.
#[cfg(any(test, fuzzing))]
pub(super) fn covers(
    limit: usize,
    pattern: &str,
    folded: bool,
    text: &[u8],
) -> Result<bool, Undecided> {
    let regex = regex::Regex::within(limit, pattern, folded)?;
    let end = text
        .iter()
        .fold(regex.start(), |state, byte| regex.next(state, *byte));
    Ok(regex.accepts(end))
}
