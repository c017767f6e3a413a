mod bucket;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mesh_ir::Tick;
use smallvec::SmallVec;

pub(crate) use bucket::{Bucket, Shape};

/// How many keys of one limit are told apart; further ones share a bucket.
const MAX_KEYS: usize = 65_536;
/// How long after a search for full buckets the next one may come.
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// The buckets of one limit, shared by all workers.
#[derive(Debug)]
pub(crate) struct Buckets {
    shape: Shape,
    map: Mutex<Map>,
}

#[derive(Debug)]
struct Map {
    by_key: BTreeMap<u128, Bucket>,
    /// For keys that have no place.
    overflow: Bucket,
    next_sweep: Tick,
    max_keys: usize,
}

/// A limit that a request must pass.
#[derive(Clone, Copy)]
pub(crate) struct Demand<'a> {
    /// Its buckets.
    pub(crate) buckets: &'a Buckets,
    /// The hash of the key's values.
    pub(crate) key: u128,
    /// Whether a lack of room refuses the request.
    pub(crate) enforced: bool,
}

/// Where a bucket stands after a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    /// Whether there was room for this request.
    pub(crate) had_room: bool,
    /// Whole requests that still have room.
    pub(crate) remaining: u64,
    /// Until there is room for one.
    pub(crate) wait: Duration,
    /// Until it is full.
    pub(crate) reset: Duration,
}

impl Buckets {
    pub(crate) fn new(shape: Shape) -> Self {
        Self::with_keys(shape, MAX_KEYS)
    }

    fn with_keys(shape: Shape, max_keys: usize) -> Self {
        let map = Map {
            by_key: BTreeMap::new(),
            overflow: Bucket::full(shape, Tick::default()),
            next_sweep: Tick::default(),
            max_keys,
        };
        Self {
            shape,
            map: Mutex::new(map),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Map> {
        // A panic elsewhere leaves a bucket whole: each change is one assignment.
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Map {
    /// The bucket of a key, brought up to `now`.
    fn bucket(&mut self, key: u128, shape: Shape, now: Tick) -> &mut Bucket {
        let is_new = !self.by_key.contains_key(&key);
        if is_new && self.by_key.len() >= self.max_keys && self.next_sweep <= now {
            // Forgetting a full bucket forgets nothing.
            self.by_key
                .retain(|_, bucket| !bucket.is_full_at(shape, now));
            self.next_sweep = now.plus(SWEEP_PAUSE);
        }
        let bucket = if is_new && self.by_key.len() >= self.max_keys {
            &mut self.overflow
        } else {
            self.by_key
                .entry(key)
                .or_insert_with(|| Bucket::full(shape, now))
        };
        bucket.refill(shape, now);
        bucket
    }
}

/// Charges every demand, or none: where an enforced one has no room nothing is
/// charged anywhere. A shadow demand is charged where it has room. Exact, whatever
/// other workers do meanwhile. The levels are in the order of the demands.
pub(crate) fn charge(demands: &[Demand<'_>], now: Tick) -> SmallVec<[Level; 4]> {
    // One order of locking for everybody, whichever tables they decide by.
    let mut order: SmallVec<[usize; 4]> = (0..demands.len()).collect();
    order.sort_by_key(|at| std::ptr::from_ref(demands[*at].buckets).addr());
    let mut locked: SmallVec<[(usize, MutexGuard<'_, Map>); 4]> = order
        .into_iter()
        .map(|at| (at, demands[at].buckets.lock()))
        .collect();
    let mut all_have_room = true;
    for (at, map) in &mut locked {
        let demand = &demands[*at];
        let shape = demand.buckets.shape;
        let has_room = map.bucket(demand.key, shape, now).has_room(shape);
        all_have_room &= has_room || !demand.enforced;
    }
    let mut levels: SmallVec<[(usize, Level); 4]> = locked
        .iter_mut()
        .map(|(at, map)| {
            let demand = &demands[*at];
            let shape = demand.buckets.shape;
            let bucket = map.bucket(demand.key, shape, now);
            (*at, settle(bucket, shape, all_have_room))
        })
        .collect();
    levels.sort_by_key(|(at, _)| *at);
    levels.into_iter().map(|(_, level)| level).collect()
}

fn settle(bucket: &mut Bucket, shape: Shape, charge: bool) -> Level {
    let had_room = bucket.has_room(shape);
    if charge && had_room {
        bucket.take(shape);
    }
    Level {
        had_room,
        remaining: bucket.remaining(shape),
        wait: bucket.wait(shape),
        reset: bucket.reset(shape),
    }
}

#[cfg(test)]
mod tests {
    use mesh_ir::Rate;

    use super::*;

    fn buckets(count: u64, burst: u64, max_keys: usize) -> Buckets {
        let rate = Rate {
            count,
            per: Duration::from_secs(1),
        };
        Buckets::with_keys(Shape::new(rate, burst), max_keys)
    }

    fn demand(buckets: &Buckets, key: u128) -> Demand<'_> {
        Demand {
            buckets,
            key,
            enforced: true,
        }
    }

    fn passes(buckets: &Buckets, key: u128, now: Tick) -> bool {
        charge(&[demand(buckets, key)], now)[0].had_room
    }

    #[test]
    fn keys_have_buckets_of_their_own() {
        let limit = buckets(1, 2, 10);
        let now = Tick(0);
        assert!(passes(&limit, 1, now) && passes(&limit, 1, now) && !passes(&limit, 1, now));
        assert!(passes(&limit, 2, now));
        assert!(passes(&limit, 1, now.plus(Duration::from_secs(1))));
    }

    #[test]
    fn a_refused_request_is_charged_nowhere() {
        let (wide, narrow) = (buckets(1, 3, 10), buckets(1, 1, 10));
        let both = [demand(&wide, 1), demand(&narrow, 1)];
        let first = charge(&both, Tick(0));
        assert!(first.iter().all(|level| level.had_room));
        for _ in 0..5 {
            let levels = charge(&both, Tick(0));
            assert!(levels[0].had_room && !levels[1].had_room);
            assert_eq!((levels[0].remaining, levels[1].remaining), (2, 0));
        }
    }

    #[test]
    fn a_shadow_never_refuses_and_is_charged_where_it_has_room() {
        let (shadow, real) = (buckets(1, 1, 10), buckets(1, 3, 10));
        let both = [
            Demand {
                enforced: false,
                ..demand(&shadow, 1)
            },
            demand(&real, 1),
        ];
        let rooms: Vec<_> = (0..4)
            .map(|_| charge(&both, Tick(0)))
            .map(|levels| (levels[0].had_room, levels[1].had_room))
            .collect();
        assert_eq!(
            rooms,
            [(true, true), (false, true), (false, true), (false, false)]
        );
    }

    #[test]
    fn keys_beyond_the_bound_share_one_bucket_until_there_is_a_place() {
        let limit = buckets(1, 2, 2);
        assert!(passes(&limit, 1, Tick(0)) && passes(&limit, 2, Tick(0)));
        assert!(passes(&limit, 3, Tick(0)) && passes(&limit, 4, Tick(0)));
        assert!(!passes(&limit, 5, Tick(0)));
        assert!(passes(&limit, 1, Tick(0)));
        let later = Tick(0).plus(Duration::from_secs(5));
        assert!(passes(&limit, 3, later) && passes(&limit, 5, later));
        assert!(passes(&limit, 3, later) && passes(&limit, 5, later));
        assert!(!passes(&limit, 3, later));
        assert!(limit.lock().by_key.len() <= 2);
    }

    #[test]
    fn counts_are_exact_under_threads_that_lock_in_any_order() {
        let (a, b) = (buckets(1, 1000, 10), buckets(1, 700, 10));
        let passed: usize = std::thread::scope(|scope| {
            let work = |turned: bool| {
                let (a, b) = (&a, &b);
                move || {
                    (0..400)
                        .filter(|_| {
                            let mut both = [demand(a, 1), demand(b, 1)];
                            if turned {
                                both.reverse();
                            }
                            charge(&both, Tick(0)).iter().all(|level| level.had_room)
                        })
                        .count()
                }
            };
            let threads: Vec<_> = (0..4).map(|n| scope.spawn(work(n % 2 == 0))).collect();
            threads.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert_eq!(passed, 700);
        assert_eq!(charge(&[demand(&a, 1)], Tick(0))[0].remaining, 299);
    }
}
