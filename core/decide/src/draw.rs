use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// A number that looks random and is the same for the same request and rule, so
/// that tools repeat what a proxy drew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw(pub u64);

/// What keeps draws of the same request for different purposes apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt(u64);

impl Salt {
    /// From a text that is the same wherever the rule is the same.
    pub fn new(text: &str) -> Self {
        Self(xxh3_64(text.as_bytes()))
    }
}

/// Draws for a request id (or the values of `splitBy`) and a purpose.
pub fn draw(id: &[u8], salt: Salt) -> Draw {
    Draw(xxh3_64_with_seed(id, salt.0))
}

impl Draw {
    /// A number below `bound`, evenly; 0 where `bound` is 0.
    pub fn below(self, bound: u64) -> u64 {
        let product = u128::from(self.0) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(u64::MAX)
    }

    /// Another draw from this one.
    #[must_use]
    pub fn next(self) -> Self {
        // The finaliser of SplitMix64: a bijection, so no draw gets lost.
        let mut z = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(z ^ (z >> 31))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_and_rule_draw_the_same() {
        let (one, two) = (
            Salt::new("Route shop/reviews a"),
            Salt::new("Route shop/reviews b"),
        );
        assert_eq!(draw(b"id", one), draw(b"id", one));
        assert_ne!(draw(b"id", one), draw(b"id", two));
        assert_ne!(draw(b"id", one), draw(b"ie", one));
    }

    /// Stable over builds: a simulator and a proxy of different builds must agree.
    #[test]
    fn a_draw_never_changes_between_builds() {
        assert_eq!(
            draw(b"7", Salt::new("x")).0,
            draw(b"7", Salt(xxh3_64(b"x"))).0
        );
        assert_eq!(xxh3_64(b""), 0x2d06_8005_38d3_94c2);
    }

    #[test]
    fn draws_spread_evenly() {
        let salt = Salt::new("rule");
        let mut counts = [0_u32; 10];
        for n in 0..10_000_u32 {
            let at = draw(&n.to_le_bytes(), salt).below(10);
            counts[usize::try_from(at).unwrap()] += 1;
        }
        assert!(counts.iter().all(|n| (850..1150).contains(n)), "{counts:?}");
        assert_eq!(Draw(u64::MAX).below(0), 0);
        assert_eq!(Draw(u64::MAX).below(7), 6);
    }
}
