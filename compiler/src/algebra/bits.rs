/// A set of the atoms of one dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(pub(super) Vec<u32>);

impl Bits {
    /// No atom of so many.
    pub(super) fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(32)])
    }

    /// Every atom of so many.
    pub(super) fn all(size: usize) -> Self {
        (0..size).fold(Self::none(size), |mut bits, atom| {
            bits.insert(atom);
            bits
        })
    }

    pub(super) fn insert(&mut self, atom: usize) {
        self.0[atom / 32] |= 1 << (atom % 32);
    }

    pub(super) fn has(&self, atom: usize) -> bool {
        self.0[atom / 32] & (1 << (atom % 32)) != 0
    }

    pub(super) fn or(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    pub(super) fn and(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine &= theirs;
        }
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }
}

/// The words of the atoms in both; `None` where there are none.
pub(super) fn meet(a: &[u32], b: &[u32]) -> Option<Vec<u32>> {
    let met: Vec<u32> = a.iter().zip(b).map(|(a, b)| a & b).collect();
    met.iter().any(|word| *word != 0).then_some(met)
}

/// The first atom in some words.
pub(super) fn first(words: &[u32]) -> Option<usize> {
    let at = words.iter().position(|word| *word != 0)?;
    Some(at * 32 + words[at].trailing_zeros() as usize)
}

/// For each of so many predicates the atoms that it holds of, from the predicates
/// that hold of each atom.
pub(super) fn turned(rows: &[Bits], predicates: usize) -> Vec<Bits> {
    let mut columns = vec![Bits::none(rows.len()); predicates];
    for (atom, row) in rows.iter().enumerate() {
        for (predicate, column) in columns.iter_mut().enumerate() {
            if row.has(predicate) {
                column.insert(atom);
            }
        }
    }
    columns
}
