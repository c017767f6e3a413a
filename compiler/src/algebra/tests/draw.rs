/// Numbers that look random and are the same for the same seed (`SplitMix64`).
#[derive(Debug)]
pub(in super::super) struct Draw(u64);

impl Draw {
    pub(in super::super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in super::super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = (mixed ^ (mixed >> 31)) >> 32;
        usize::try_from(high).unwrap() % bound
    }

    pub(in super::super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(in super::super) fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// None to `most` of them.
    pub(in super::super) fn some<T: Clone>(&mut self, all: &[T], most: usize) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| self.of(all)).collect()
    }
}
