/// Lists of numbers, each kept once and known by its place in the order of arrival.
#[derive(Debug, Default)]
pub(super) struct Interner {
    items: Vec<u32>,
    /// Where each list ends in `items`.
    ends: Vec<usize>,
    /// Open addressing: number of a list plus one, 0 for free.
    slots: Vec<u32>,
}

impl Interner {
    /// The number of a list, and whether it is new.
    pub(super) fn intern(&mut self, list: &[u32]) -> (u32, bool) {
        if self.ends.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(list);
        if let Some(found) = self.slots[slot].checked_sub(1) {
            return (found, false);
        }
        let number = to_u32(self.ends.len());
        self.items.extend_from_slice(list);
        self.ends.push(self.items.len());
        self.slots[slot] = number + 1;
        (number, true)
    }

    /// The list of a number that [`Self::intern`] gave.
    pub(super) fn get(&self, number: u32) -> &[u32] {
        let at = number as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start..self.ends[at]]
    }

    /// How many lists there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many numbers all lists have together.
    pub(super) fn volume(&self) -> usize {
        self.items.len()
    }

    /// Where a list is, or would be put.
    fn slot(&self, list: &[u32]) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash(list) & mask;
        while let Some(number) = self.slots[at].checked_sub(1) {
            if self.get(number) == list {
                break;
            }
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 2).max(64)];
        for number in 0..self.ends.len() {
            let number = to_u32(number);
            let slot = self.slot(self.get(number));
            self.slots[slot] = number + 1;
        }
    }
}

/// A count of states, atoms or nodes, all of which have bounds far below.
pub(super) fn to_u32(count: usize) -> u32 {
    u32::try_from(count).expect("bounds keep counts below four thousand million")
}

/// Fibonacci hashing; speed only, no order depends on it.
fn hash(list: &[u32]) -> usize {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ list.len() as u64;
    for item in list {
        state = (state.rotate_left(5) ^ u64::from(*item)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    usize::try_from(state >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_have_one_number() {
        let mut interner = Interner::default();
        for round in 0..2 {
            for number in 0..500_u32 {
                let list: Vec<u32> = (0..number % 7)
                    .map(|at| at * number)
                    .chain([number])
                    .collect();
                assert_eq!(interner.intern(&list), (number, round == 0));
                assert_eq!(interner.get(number), list);
            }
        }
        assert_eq!(interner.len(), 500);
    }
}
