use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Addresses that are told apart; beyond that, new ones share a bucket.
const MAX_ADDRESSES: usize = 4096;

/// A token bucket per peer address (per /64 of IPv6), in bounded memory.
#[derive(Debug)]
pub(super) struct Limiter {
    burst: f64,
    per_second: f64,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    of: BTreeMap<IpAddr, Bucket>,
    /// When full ones were last forgotten.
    swept: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limiter {
    pub(super) fn new(burst: f64, per_second: f64) -> Self {
        Self {
            burst,
            per_second,
            buckets: Mutex::default(),
        }
    }

    /// Whether a call from this address goes through now; charges it if so.
    pub(super) fn admit(&self, address: IpAddr, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = network(address);
        if buckets.of.len() >= MAX_ADDRESSES && !buckets.of.contains_key(&key) {
            self.sweep(&mut buckets, now);
            if buckets.of.len() >= MAX_ADDRESSES {
                key = Ipv6Addr::UNSPECIFIED.into();
            }
        }
        let bucket = buckets.of.entry(key).or_insert(Bucket {
            tokens: self.burst,
            at: now,
        });
        bucket.tokens = self.level(bucket, now);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    /// Forgets who has its whole burst again; once a second is often enough.
    fn sweep(&self, buckets: &mut Buckets, now: Instant) {
        let recently = |at| now.saturating_duration_since(at) < Duration::from_secs(1);
        if !buckets.swept.is_some_and(recently) {
            buckets.swept = Some(now);
            let in_use = |bucket: &Bucket| self.level(bucket, now) < self.burst;
            buckets.of.retain(|_, bucket| in_use(bucket));
        }
    }

    fn level(&self, bucket: &Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        passed
            .mul_add(self.per_second, bucket.tokens)
            .min(self.burst)
    }
}

/// Who holds an IPv6 address holds its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(it) => it.into(),
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_burst_and_then_its_rate() {
        let limiter = Limiter::new(2.0, 10.0);
        let (a, b) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2]));
        let start = Instant::now();
        let admitted = (0..5).filter(|_| limiter.admit(a, start)).count();
        assert_eq!(admitted, 2);
        assert!(limiter.admit(b, start), "another address has its own");
        assert!(limiter.admit(a, start + Duration::from_millis(100)));
        assert!(!limiter.admit(a, start + Duration::from_millis(100)));
    }

    #[test]
    fn memory_is_bounded_and_those_beyond_share() {
        let limiter = Limiter::new(2.0, 0.001);
        let now = Instant::now();
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        let admitted = (0..10_000)
            .filter(|n| limiter.admit(address(*n), now))
            .count();
        assert_eq!(admitted, MAX_ADDRESSES + 2);
        assert_eq!(limiter.buckets.lock().unwrap().of.len(), MAX_ADDRESSES + 1);
    }
}
