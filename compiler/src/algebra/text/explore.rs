use super::super::bits::Bits;
use super::super::bounds::{Bounds, Undecided};
use super::super::intern::Interner;
use super::Classes;
use super::machine::Machine;

/// A way through every text that can arrive.
pub(super) trait Walk {
    /// What is known before any symbol.
    fn start(&self, machine: &mut Machine) -> Vec<u32>;
    /// What is known after a symbol of a class; `None` where no text goes on so.
    fn step(&self, machine: &mut Machine, state: &[u32], class: u16) -> Option<Vec<u32>>;
    /// The predicates that hold of a text that ends here; `None` where none does.
    fn end(&self, machine: &mut Machine, state: &[u32]) -> Option<Bits>;
}

/// Finds the classes of texts that no predicate tells apart, breadth first, so that
/// each is shown by a shortest text.
pub(super) fn explore(
    walk: &impl Walk,
    machine: &mut Machine,
    bounds: Bounds,
    what: &str,
) -> Result<Classes, Undecided> {
    let mut states = Interner::default();
    // How each state was reached first.
    let mut from: Vec<(u32, u16)> = vec![(0, 0)];
    let mut found = Interner::default();
    let mut ends = vec![];
    states.intern(&walk.start(machine));
    let mut next = 0;
    while (next as usize) < states.len() {
        let state = states.get(next).to_vec();
        if let Some(holds) = walk.end(machine, &state) {
            if found.intern(&holds.0).1 {
                ends.push((next, holds));
            }
            if found.len() > bounds.atoms {
                return Err(Undecided::Atoms {
                    what: what.to_owned(),
                    atoms: bounds.atoms,
                });
            }
        }
        for class in machine.classes.all() {
            let Some(after) = walk.step(machine, &state, class) else {
                continue;
            };
            if states.intern(&after).1 {
                from.push((next, class));
            }
        }
        if states.len() > bounds.states {
            return Err(Undecided::States {
                what: what.to_owned(),
                states: bounds.states,
            });
        }
        next += 1;
    }
    let text = |end: u32| text(machine, &from, end);
    Ok(Classes {
        texts: ends.iter().map(|(end, _)| text(*end)).collect(),
        holds: ends.into_iter().map(|(_, holds)| holds).collect(),
    })
}

fn text(machine: &Machine, from: &[(u32, u16)], end: u32) -> Vec<u8> {
    let mut symbols = vec![];
    let mut at = end;
    while at != 0 {
        let (before, class) = from[at as usize];
        symbols.push(machine.classes.symbol(class));
        at = before;
    }
    let mut text = Vec::with_capacity(symbols.len());
    for symbol in symbols.into_iter().rev() {
        let (written, length) = symbol.written();
        text.extend_from_slice(&written[..length]);
    }
    text
}
