/// Numbers that look random and are the same for the same seed (`SplitMix64`), or that
/// are read from bytes.
#[derive(Debug)]
pub(in super::super) enum Draw {
    Seed(u64),
    /// The last first; each choice takes one, and all that are left are zero.
    Bytes(Vec<u8>),
}

impl Draw {
    pub(in super::super) fn new(seed: u64) -> Self {
        Self::Seed(seed)
    }

    pub(in super::super) fn of_bytes(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.iter().rev().copied().collect())
    }

    pub(in super::super) fn below(&mut self, bound: usize) -> usize {
        let state = match self {
            Self::Bytes(bytes) => return usize::from(bytes.pop().unwrap_or(0)) % bound,
            Self::Seed(state) => state,
        };
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = (mixed ^ (mixed >> 31)) >> 32;
        usize::try_from(high).unwrap() % bound
    }

    /// Whether bytes are left to choose from.
    pub(in super::super) fn has_more(&self) -> bool {
        !matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }

    /// Never where bytes are used up.
    pub(in super::super) fn one_in(&mut self, count: usize) -> bool {
        let rare = if matches!(self, Self::Bytes(_)) {
            count - 1
        } else {
            0
        };
        self.below(count) == rare
    }

    pub(in super::super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// None to `most` of them.
    pub(in super::super) fn some<T: Clone>(&mut self, all: &[T], most: usize) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| self.of(all)).collect()
    }
}
