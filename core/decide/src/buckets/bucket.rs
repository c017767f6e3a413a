use std::time::Duration;

use mesh_ir::{Rate, Tick};

/// How fast a bucket fills and how much it holds.
///
/// Levels are counted in units of `1 / (window in nanoseconds)` of a token, so
/// that every rate is exact: a nanosecond brings `count` units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Units per nanosecond; at least 1.
    count: u128,
    /// Units per token; at least 1.
    token: u128,
    /// Units of a full bucket.
    capacity: u128,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket {
    level: u128,
    at: Tick,
}

impl Shape {
    /// Zeros, which no intent can say, count as ones.
    pub(crate) fn new(rate: Rate, burst: u64) -> Self {
        let token = rate.per.as_nanos().clamp(1, u128::from(u64::MAX));
        Self {
            count: u128::from(rate.count.max(1)),
            token,
            capacity: token * u128::from(burst.max(1)),
        }
    }

    /// How long it takes to gain so many units, rounded up.
    fn time_for(self, units: u128) -> Duration {
        let nanos = units.div_ceil(self.count);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Bucket {
    pub(crate) fn full(shape: Shape, now: Tick) -> Self {
        Self {
            level: shape.capacity,
            at: now,
        }
    }

    /// Brings it up to `now`; an earlier `now`, of another worker, changes nothing.
    pub(crate) fn refill(&mut self, shape: Shape, now: Tick) {
        self.level = self.level_at(shape, now);
        self.at = self.at.max(now);
    }

    pub(crate) fn has_room(&self, shape: Shape) -> bool {
        self.level >= shape.token
    }

    /// Takes one token, if there is one.
    pub(crate) fn take(&mut self, shape: Shape) {
        self.level = self.level.saturating_sub(shape.token);
    }

    pub(crate) fn is_full_at(&self, shape: Shape, now: Tick) -> bool {
        self.level_at(shape, now) == shape.capacity
    }

    /// Whole tokens in it.
    pub(crate) fn remaining(&self, shape: Shape) -> u64 {
        u64::try_from(self.level / shape.token).unwrap_or(u64::MAX)
    }

    /// Until there is a whole token.
    pub(crate) fn wait(&self, shape: Shape) -> Duration {
        shape.time_for(shape.token.saturating_sub(self.level))
    }

    /// Until it is full.
    pub(crate) fn reset(&self, shape: Shape) -> Duration {
        shape.time_for(shape.capacity.saturating_sub(self.level))
    }

    fn level_at(&self, shape: Shape, now: Tick) -> u128 {
        let gained = self.at.until(now).as_nanos().saturating_mul(shape.count);
        self.level.saturating_add(gained).min(shape.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(count: u64, seconds: u64, burst: u64) -> Shape {
        let per = Duration::from_secs(seconds);
        Shape::new(Rate { count, per }, burst)
    }

    #[test]
    fn a_third_of_a_second_is_not_rounded() {
        let shape = shape(3, 1, 1);
        let mut bucket = Bucket::full(shape, Tick(0));
        let mut taken = 0;
        for nanos in (0..=3_000_000_000_u64).step_by(1_000_000) {
            bucket.refill(shape, Tick(nanos));
            if bucket.has_room(shape) {
                bucket.take(shape);
                taken += 1;
            }
        }
        // The full bucket and nine thirds, each seen at the next millisecond.
        assert_eq!(taken, 9);
    }

    #[test]
    fn waits_are_rounded_up_and_sufficient() {
        let shape = shape(3, 1, 2);
        let mut bucket = Bucket::full(shape, Tick(0));
        bucket.take(shape);
        assert_eq!(
            (bucket.remaining(shape), bucket.wait(shape)),
            (1, Duration::ZERO)
        );
        bucket.take(shape);
        let wait = bucket.wait(shape);
        assert_eq!(wait, Duration::from_nanos(333_333_334));
        bucket.refill(shape, Tick(0).plus(wait));
        assert!(bucket.has_room(shape));
        assert!(bucket.is_full_at(shape, Tick(1_000_000_000)));
    }

    #[test]
    fn a_clock_behind_changes_nothing() {
        let shape = shape(1, 1, 1);
        let mut bucket = Bucket::full(shape, Tick(5_000_000_000));
        bucket.take(shape);
        bucket.refill(shape, Tick(0));
        assert!(!bucket.has_room(shape));
        bucket.refill(shape, Tick(5_999_999_999));
        assert!(!bucket.has_room(shape));
        bucket.refill(shape, Tick(6_000_000_000));
        assert!(bucket.has_room(shape));
    }

    #[test]
    fn the_greatest_numbers_do_not_overflow() {
        let shape = shape(u64::MAX, 3600, u64::MAX);
        let mut bucket = Bucket::full(shape, Tick(0));
        bucket.refill(shape, Tick(u64::MAX));
        assert_eq!(bucket.remaining(shape), u64::MAX);
    }
}
