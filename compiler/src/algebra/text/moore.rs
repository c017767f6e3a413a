use super::super::bits::Bits;
use super::super::bounds::{Bounds, Undecided};
use super::super::intern::{Interner, to_u32};
use super::Classes;
use super::classes::SymbolClasses;

/// Where no text goes on.
const NOWHERE: u32 = u32::MAX;
/// Above so many states an automaton is not made minimal: it is mostly literals,
/// which are so already.
const MOST_TO_MINIMISE: usize = 4_096;

/// A deterministic automaton that says of each text that may end which tests hold.
/// It begins in its first state.
#[derive(Debug)]
pub(super) struct Moore {
    /// How many classes of symbols there are.
    width: usize,
    /// For each state and class the next state.
    next: Vec<u32>,
    /// For each state what holds there; `None` where no text ends.
    holds: Vec<Option<Bits>>,
}

impl Moore {
    /// An automaton of no state yet.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            next: vec![],
            holds: vec![],
        }
    }

    /// Adds the next state; `to` has as many states as there are classes.
    pub(super) fn add(&mut self, holds: Option<Bits>, to: impl Iterator<Item = Option<u32>>) {
        self.holds.push(holds);
        self.next.extend(to.map(|state| state.unwrap_or(NOWHERE)));
    }

    fn len(&self) -> usize {
        self.holds.len()
    }

    fn after(&self, state: u32) -> &[u32] {
        &self.next[state as usize * self.width..][..self.width]
    }

    /// The same with as few states as can be, by refinement (Moore's algorithm).
    pub(super) fn minimal(self) -> Self {
        if self.len() > MOST_TO_MINIMISE {
            return self;
        }
        let mut seen = Interner::default();
        let mut block: Vec<u32> = self
            .holds
            .iter()
            .map(|holds| {
                let key = holds
                    .as_ref()
                    .map_or(vec![], |it| [&[1], &it.0[..]].concat());
                seen.intern(&key).0
            })
            .collect();
        let mut count = seen.len();
        loop {
            let mut seen = Interner::default();
            let mut key = vec![];
            let finer = (0..self.len()).map(|state| {
                key.clear();
                key.push(block[state]);
                let to = self.after(to_u32(state)).iter();
                key.extend(to.map(|it| block.get(*it as usize).copied().unwrap_or(NOWHERE)));
                seen.intern(&key).0
            });
            let finer: Vec<u32> = finer.collect();
            block = finer;
            if seen.len() == count {
                return self.merged(&block, count);
            }
            count = seen.len();
        }
    }

    /// One state for each block; blocks are numbered by their first state.
    fn merged(&self, block: &[u32], count: usize) -> Self {
        let mut merged = Self::new(self.width);
        for number in 0..count {
            let state = block.iter().position(|it| *it as usize == number);
            let state = state.expect("a block has a state");
            let to = self.after(to_u32(state)).iter();
            merged.add(
                self.holds[state].clone(),
                to.map(|it| block.get(*it as usize).copied()),
            );
        }
        merged
    }

    /// The tests of both.
    pub(super) fn with(&self, other: &Self, bounds: Bounds, what: &str) -> Result<Self, Undecided> {
        let mut pairs = Interner::default();
        pairs.intern(&[0, 0]);
        let mut both = Self::new(self.width);
        let mut at = 0;
        while (at as usize) < pairs.len() {
            let [left, right] = pairs.get(at) else {
                break;
            };
            let (left, right) = (*left, *right);
            let holds = self.holds[left as usize].clone();
            let holds = holds.zip(other.holds[right as usize].as_ref());
            let holds = holds.map(|(mut mine, theirs)| {
                mine.or(theirs);
                mine
            });
            let to = self.after(left).iter().zip(other.after(right));
            let to = to.map(|(a, b)| {
                let goes_on = *a != NOWHERE && *b != NOWHERE;
                goes_on.then(|| pairs.intern(&[*a, *b]).0)
            });
            both.add(holds, to);
            if pairs.len() > bounds.states {
                return Err(Undecided::States {
                    what: what.to_owned(),
                    states: bounds.states,
                });
            }
            at += 1;
        }
        Ok(both)
    }

    /// The classes of texts that no test tells apart, each with a shortest text.
    pub(super) fn classes(
        &self,
        symbols: &SymbolClasses,
        bounds: Bounds,
        what: &str,
    ) -> Result<Classes, Undecided> {
        let mut from: Vec<Option<(u32, u16)>> = vec![None; self.len()];
        let mut found = Interner::default();
        let mut classes = Classes {
            texts: vec![],
            holds: vec![],
        };
        let mut queue = vec![0];
        let mut at = 0;
        while let Some(state) = queue.get(at).copied() {
            at += 1;
            if let Some(holds) = &self.holds[state as usize]
                && found.intern(&holds.0).1
            {
                classes.texts.push(text(symbols, &from, state));
                classes.holds.push(holds.clone());
            }
            if found.len() > bounds.atoms {
                return Err(Undecided::Atoms {
                    what: what.to_owned(),
                    atoms: bounds.atoms,
                });
            }
            for (class, to) in symbols.all().zip(self.after(state)) {
                if *to != NOWHERE && *to != 0 && from[*to as usize].is_none() {
                    from[*to as usize] = Some((state, class));
                    queue.push(*to);
                }
            }
        }
        Ok(classes)
    }
}

/// All of some automata together, in pairs of like size.
pub(super) fn together(
    mut automata: Vec<Moore>,
    bounds: Bounds,
    what: &str,
) -> Result<Option<Moore>, Undecided> {
    while automata.len() > 1 {
        automata.sort_by_key(|it| std::cmp::Reverse(it.len()));
        let mut paired = Vec::with_capacity(automata.len().div_ceil(2));
        let mut left = automata.into_iter();
        while let Some(one) = left.next_back() {
            paired.push(match left.next_back() {
                Some(other) => one.with(&other, bounds, what)?.minimal(),
                None => one,
            });
        }
        automata = paired;
    }
    Ok(automata.pop())
}

fn text(symbols: &SymbolClasses, from: &[Option<(u32, u16)>], end: u32) -> Vec<u8> {
    let mut reversed = vec![];
    let mut at = end;
    while let Some((before, class)) = from[at as usize] {
        reversed.push(symbols.symbol(class));
        at = before;
    }
    let mut text = Vec::with_capacity(reversed.len());
    for symbol in reversed.into_iter().rev() {
        let (written, length) = symbol.written();
        text.extend_from_slice(&written[..length]);
    }
    text
}
