use std::time::Duration;

/// How long to wait between attempts to reach the operator: exponential with full
/// jitter, so that a fleet does not come back at one instant.
#[derive(Debug, Clone, Default)]
pub(super) struct Backoff {
    failures: u32,
}

/// The bound of the first wait.
const FIRST: Duration = Duration::from_millis(100);
/// The bound of every wait.
const LONGEST: Duration = Duration::from_secs(10);

impl Backoff {
    /// The next wait; `draw` lies in 0..1.
    pub(super) fn next(&mut self, draw: f64) -> Duration {
        let bound = FIRST
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        bound.mul_f64(draw.clamp(0.0, 1.0))
    }

    /// It went well: begin anew.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_ten_seconds() {
        let mut backoff = Backoff::default();
        let bounds: Vec<_> = (0..9).map(|_| backoff.next(1.0).as_millis()).collect();
        assert_eq!(
            bounds,
            [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]
        );
        backoff.reset();
        assert_eq!(backoff.next(1.0), FIRST);
    }

    #[test]
    fn every_wait_is_drawn_from_zero() {
        let mut backoff = Backoff::default();
        assert!((0..100).all(|_| backoff.next(0.0).is_zero()));
    }
}
