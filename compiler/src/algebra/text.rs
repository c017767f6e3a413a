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

/// The classes of one kind of text under some predicates.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// Of each class the shortest text, in bytes.
    pub(super) texts: Vec<Vec<u8>>,
    /// Of each class the predicates that hold of its texts.
    pub(super) holds: Vec<Bits>,
}
