//! When a certificate is renewed: pure, so that clocks can jump in tests.

use std::time::Duration;

use mesh_identity::{CertificateProfile, Svid};
use mesh_ir::Percent;

/// How far a renewal strays from its share of the life, so that a fleet that
/// started together does not renew together: this share of the lifetime.
const JITTER: f64 = 0.1;
/// No wait is shorter, however short the life.
const SHORTEST: Duration = Duration::from_millis(50);
/// The first retry waits at most this long.
const FIRST_RETRY: Duration = Duration::from_millis(200);

/// A certificate's life, and the instant at which it is renewed.
///
/// All instants are Unix milliseconds of the wall clock, read again at each
/// question; the answer is never a wait longer than a twentieth of the life, so
/// that a clock that jumps is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RenewalPlan {
    not_before: i64,
    not_after: i64,
    renew_at: i64,
    lifetime: Duration,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// Ask again after this long.
    Wait(Duration),
    /// Renew: the time has come, or the clock says that the certificate is not valid yet.
    Due,
    /// Renew, and the certificate no longer proves anything.
    Expired,
}

impl RenewalPlan {
    /// Plans for a leaf. `share` of its life is used before it is renewed, give or
    /// take the jitter; `draw` lies in 0..1.
    pub(crate) fn new(leaf: &Svid, share: Percent, draw: f64) -> Self {
        let (not_before, not_after) = (millis(leaf.not_before), millis(leaf.not_after));
        let backdate = i64::try_from(CertificateProfile::BACKDATE.as_millis()).unwrap_or(0);
        let lifetime = not_after.saturating_sub(not_before.saturating_add(backdate));
        let lifetime =
            Duration::from_millis(u64::try_from(lifetime).unwrap_or(0)).max(Duration::from_secs(1));
        let share = f64::from(share.0.min(Percent::ALL.0)) / f64::from(Percent::ALL.0);
        let share = (share + JITTER * (2.0 * draw - 1.0)).clamp(0.05, 0.9);
        let left = lifetime.mul_f64(1.0 - share);
        Self {
            not_before,
            not_after,
            renew_at: not_after.saturating_sub(i64::try_from(left.as_millis()).unwrap_or(i64::MAX)),
            lifetime,
        }
    }

    /// What to do at `now`.
    pub(crate) fn decide(&self, now: i64) -> Renewal {
        if now >= self.not_after {
            return Renewal::Expired;
        }
        if now >= self.renew_at || now < self.not_before {
            return Renewal::Due;
        }
        let left = Duration::from_millis(u64::try_from(self.renew_at - now).unwrap_or(0));
        Renewal::Wait(left.min(self.lifetime / 20).max(SHORTEST))
    }

    /// How long to wait after failed attempts in a row (at least one): full jitter,
    /// at most a tenth of the life.
    pub(crate) fn retry(&self, failures: u32, draw: f64) -> Duration {
        let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(16));
        doubled
            .min(self.lifetime / 10)
            .mul_f64(draw.clamp(0.0, 1.0))
            .max(SHORTEST)
    }
}

fn millis(seconds: i64) -> i64 {
    seconds.saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use mesh_identity::SpiffeId;

    use super::*;

    const HALF: Percent = Percent(50_000);

    /// Issued at 1,000 s, as our own authority writes it.
    fn leaf(lifetime: i64) -> Svid {
        Svid {
            id: SpiffeId::parse("spiffe://a/ns/x/sa/y").unwrap(),
            not_before: 1_000 - 30,
            not_after: 1_000 + lifetime,
        }
    }

    #[test]
    fn a_certificate_is_renewed_at_half_its_life() {
        let plan = RenewalPlan::new(&leaf(100), HALF, 0.5);
        assert_eq!(plan.decide(1_049_999), Renewal::Wait(SHORTEST));
        assert_eq!(plan.decide(1_050_000), Renewal::Due);
        assert_eq!(plan.decide(1_100_000), Renewal::Expired);
    }

    #[test]
    fn the_jitter_is_a_tenth_of_the_life_either_way() {
        let due = |draw| RenewalPlan::new(&leaf(100), HALF, draw).renew_at;
        assert_eq!((due(0.0), due(1.0)), (1_040_000, 1_060_000));
    }

    #[test]
    fn the_wall_clock_is_read_again_within_a_twentieth() {
        let plan = RenewalPlan::new(&leaf(3_600), HALF, 0.5);
        assert_eq!(
            plan.decide(1_000_000),
            Renewal::Wait(Duration::from_mins(3))
        );
    }

    #[test]
    fn a_clock_that_jumps_makes_it_due_or_expired() {
        let plan = RenewalPlan::new(&leaf(3_600), HALF, 0.5);
        assert_eq!(plan.decide(0), Renewal::Due, "a year back");
        assert_eq!(plan.decide(i64::MAX), Renewal::Expired, "far ahead");
    }

    #[test]
    fn retries_stay_within_a_tenth_of_the_life() {
        let plan = RenewalPlan::new(&leaf(5), HALF, 0.5);
        for failures in 1..40 {
            assert!(plan.retry(failures, 1.0) <= Duration::from_millis(500));
            assert!(plan.retry(failures, 0.0) >= SHORTEST);
        }
        assert_eq!(plan.retry(1, 1.0), Duration::from_millis(200));
    }

    #[test]
    fn nonsense_in_a_leaf_does_not_panic() {
        let mut odd = leaf(5);
        (odd.not_before, odd.not_after) = (i64::MAX, i64::MIN);
        assert_eq!(
            RenewalPlan::new(&odd, HALF, 0.5).decide(0),
            Renewal::Expired
        );
    }
}
