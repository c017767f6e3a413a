use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use mesh_ir::{Percent, Tick};

/// Retries that are always allowed in a window.
const AT_LEAST: u64 = 3;
/// Seconds in a window.
const SLOTS: usize = 10;
const NANOS: u64 = 1_000_000_000;

/// Requests and retries of the last ten seconds towards one service: retries may
/// be a share of the requests, and at least three.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    requests: Window,
    retries: Window,
    /// Makes looking and counting one step; only retries take it.
    deciding: Mutex<()>,
}

impl Budget {
    /// Counts a request.
    pub(crate) fn request(&self, now: Tick) {
        self.requests.add(now);
    }

    /// Counts a retry, if the budget has room for it.
    pub(crate) fn retry(&self, share: Percent, now: Tick) -> bool {
        let _deciding = self.deciding.lock().unwrap_or_else(PoisonError::into_inner);
        let allowed = self.requests.sum(now) * u64::from(share.0) / u64::from(Percent::ALL.0);
        let has_room = self.retries.sum(now) < allowed.max(AT_LEAST);
        if has_room {
            self.retries.add(now);
        }
        has_room
    }
}

/// Counts per second; each slot holds its second in the upper half.
#[derive(Debug, Default)]
struct Window([AtomicU64; SLOTS]);

impl Window {
    fn add(&self, now: Tick) {
        let second = second(now);
        let slot = &self.0[usize::try_from(second).unwrap_or(0) % SLOTS];
        let mut seen = slot.load(Ordering::Relaxed);
        loop {
            let next = if seen >> 32 == second {
                seen.saturating_add(1)
            } else {
                second << 32 | 1
            };
            match slot.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(other) => seen = other,
            }
        }
    }

    fn sum(&self, now: Tick) -> u64 {
        let newest = second(now);
        self.0
            .iter()
            .map(|slot| slot.load(Ordering::Relaxed))
            .filter(|slot| newest.saturating_sub(slot >> 32) < SLOTS as u64)
            .map(|slot| slot & 0xffff_ffff)
            .sum()
    }
}

/// Counted from one, so that an empty slot is of no second that can be seen
/// after the first ten; its count is zero anyway.
fn second(now: Tick) -> u64 {
    (now.0 / NANOS + 1) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIFTH: Percent = Percent(20_000);

    fn at(second: u64) -> Tick {
        Tick(second * NANOS)
    }

    #[test]
    fn three_retries_are_always_there() {
        let budget = Budget::default();
        let got: Vec<_> = (0..5).map(|_| budget.retry(FIFTH, at(0))).collect();
        assert_eq!(got, [true, true, true, false, false]);
        assert!(!budget.retry(FIFTH, at(9)));
        assert!(budget.retry(FIFTH, at(10)));
    }

    #[test]
    fn retries_are_a_share_of_the_requests_of_ten_seconds() {
        let budget = Budget::default();
        for n in 0..100 {
            budget.request(at(n / 10));
        }
        let granted = (0..100).filter(|_| budget.retry(FIFTH, at(9))).count();
        assert_eq!(granted, 20);
        assert!(!budget.retry(FIFTH, at(18)));
        assert!(budget.retry(FIFTH, at(19)));
    }
}
