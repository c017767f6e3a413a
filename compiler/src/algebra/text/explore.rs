use super::super::bits::Bits;
use super::super::bounds::{Bounds, Undecided};
use super::super::intern::Interner;
use super::machine::Machine;
use super::moore::Moore;

/// A way through every text that can arrive.
pub(super) trait Walk {
    /// What is known before any symbol.
    fn start(&self, machine: &mut Machine) -> Vec<u32>;
    /// Puts what is known after a symbol of a class into `next`, which is empty; `None`
    /// where no text goes on so.
    fn step(
        &self,
        machine: &mut Machine,
        state: &[u32],
        class: u16,
        next: &mut Vec<u32>,
    ) -> Option<()>;
    /// The tests that hold of a text that ends here; `None` where none does.
    fn end(&self, machine: &mut Machine, state: &[u32]) -> Option<Bits>;
}

/// The automaton of a walk, as small as can be.
pub(super) fn explore(
    walk: &impl Walk,
    machine: &mut Machine,
    bounds: Bounds,
    what: &str,
) -> Result<Moore, Undecided> {
    let mut states = Interner::default();
    states.intern(&walk.start(machine));
    let mut automaton = Moore::new(machine.classes.all().count());
    let (mut state, mut after) = (vec![], vec![]);
    let mut number = 0;
    while (number as usize) < states.len() {
        state.clear();
        state.extend_from_slice(states.get(number));
        let holds = walk.end(machine, &state);
        let mut to = Vec::with_capacity(machine.classes.all().count());
        for class in machine.classes.all() {
            after.clear();
            let goes_on = walk.step(machine, &state, class, &mut after);
            to.push(goes_on.map(|()| states.intern(&after).0));
        }
        automaton.add(holds, to.into_iter());
        if states.len() > bounds.states {
            return Err(Undecided::States {
                what: what.to_owned(),
                states: bounds.states,
            });
        }
        number += 1;
    }
    Ok(automaton.minimal())
}
