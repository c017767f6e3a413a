use mesh_ir::LoadBalancing;

use crate::draw::Draw;

/// What is known of one endpoint at the moment of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointView {
    /// Healthy, and of the version that was drawn.
    pub eligible: bool,
    /// Its share; 0 gets nothing.
    pub weight: u32,
    /// Requests that this worker has sent to it and that have not ended.
    pub in_flight: u32,
}

/// A list of endpoints, however a proxy stores it.
pub trait Candidates {
    /// How many.
    fn count(&self) -> usize;
    /// One of them; `at` is below `count`.
    fn view(&self, at: usize) -> EndpointView;

    /// How long answers of one took of late, in any unit that is the same for all;
    /// [`LoadBalancing::Ewma`] goes by it. Where nobody measures, all are alike.
    fn latency(&self, _at: usize) -> u64 {
        0
    }

    /// A number that stays with an endpoint whatever others come and go; balancing by
    /// the hash of a key goes by it. Without one it is the place in the list.
    fn mark(&self, at: usize) -> u64 {
        at as u64
    }
}

impl Candidates for [EndpointView] {
    fn count(&self) -> usize {
        self.len()
    }

    fn view(&self, at: usize) -> EndpointView {
        self[at]
    }
}

/// Chooses an endpoint for an attempt, or `None` where none can take it.
///
/// Endpoints in `tried` are avoided as long as there is another one. `turn` is
/// a counter that rises by one per choice; round robin goes by it. By the hash of
/// a key, `draw` is the one that [`crate::key_draw`] gives. With
/// [`LoadBalancing::OriginalDestination`] only what the client addressed is eligible.
pub fn pick<C: Candidates + ?Sized>(
    policy: LoadBalancing,
    endpoints: &C,
    tried: &[usize],
    draw: Draw,
    turn: u64,
) -> Option<usize> {
    among(policy, endpoints, tried, draw, turn)
        .or_else(|| among(policy, endpoints, &[], draw, turn))
}

fn among<C: Candidates + ?Sized>(
    policy: LoadBalancing,
    endpoints: &C,
    avoid: &[usize],
    draw: Draw,
    turn: u64,
) -> Option<usize> {
    let total = weights(endpoints, avoid)
        .map(|(_, view)| u64::from(view.weight))
        .sum();
    if total == 0 {
        return None;
    }
    match policy {
        LoadBalancing::RoundRobin => at_weight(endpoints, avoid, turn % total),
        LoadBalancing::Random | LoadBalancing::OriginalDestination => {
            at_weight(endpoints, avoid, draw.below(total))
        }
        LoadBalancing::RingHash | LoadBalancing::Maglev => by_hash(endpoints, avoid, draw),
        LoadBalancing::LeastRequest | LoadBalancing::Ewma => {
            let first = at_weight(endpoints, avoid, draw.below(total))?;
            let rest = total - u64::from(endpoints.view(first).weight);
            if rest == 0 {
                return Some(first);
            }
            let second = at_weight_without(endpoints, avoid, first, draw.next().below(rest))?;
            Some(if policy == LoadBalancing::Ewma {
                faster(endpoints, first, second)
            } else {
                less_loaded(endpoints, first, second)
            })
        }
    }
}

fn weights<'a, C: Candidates + ?Sized>(
    endpoints: &'a C,
    avoid: &'a [usize],
) -> impl Iterator<Item = (usize, EndpointView)> + 'a {
    (0..endpoints.count())
        .filter(|at| !avoid.contains(at))
        .map(|at| (at, endpoints.view(at)))
        .filter(|(_, view)| view.eligible)
}

fn at_weight<C: Candidates + ?Sized>(endpoints: &C, avoid: &[usize], point: u64) -> Option<usize> {
    walk(weights(endpoints, avoid), point)
}

fn at_weight_without<C: Candidates + ?Sized>(
    endpoints: &C,
    avoid: &[usize],
    without: usize,
    point: u64,
) -> Option<usize> {
    walk(
        weights(endpoints, avoid).filter(|(at, _)| *at != without),
        point,
    )
}

fn walk(views: impl Iterator<Item = (usize, EndpointView)>, mut point: u64) -> Option<usize> {
    for (at, view) in views {
        match point.checked_sub(u64::from(view.weight)) {
            Some(left) => point = left,
            None => return Some(at),
        }
    }
    None
}

/// Weighted rendezvous hashing: of all endpoints the one that scores highest with the
/// key, so that one that comes or goes takes or leaves its own share and no other.
fn by_hash<C: Candidates + ?Sized>(endpoints: &C, avoid: &[usize], key: Draw) -> Option<usize> {
    let score = |at: usize, weight: u32| {
        let mixed = Draw(key.0 ^ Draw(endpoints.mark(at)).next().0).next();
        let top = u32::try_from(mixed.0 >> 32).unwrap_or(u32::MAX);
        // Evenly in (0, 1), never one of its ends.
        let even = (f64::from(top) + 0.5) / (f64::from(u32::MAX) + 1.0);
        f64::from(weight) / -even.ln()
    };
    weights(endpoints, avoid)
        .filter(|(_, view)| view.weight > 0)
        .map(|(at, view)| (score(at, view.weight), at))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, at)| at)
}

/// The one that would answer sooner: its latency times the requests that it has and gets.
fn faster<C: Candidates + ?Sized>(endpoints: &C, first: usize, second: usize) -> usize {
    let cost = |at: usize| {
        let waiting = u128::from(endpoints.view(at).in_flight) + 1;
        u128::from(endpoints.latency(at).max(1)) * waiting
    };
    let weight = |at: usize| u128::from(endpoints.view(at).weight);
    if cost(second) * weight(first) < cost(first) * weight(second) {
        second
    } else {
        first
    }
}

/// The one with fewer requests in flight for its weight; the first where equal.
fn less_loaded<C: Candidates + ?Sized>(endpoints: &C, first: usize, second: usize) -> usize {
    let (a, b) = (endpoints.view(first), endpoints.view(second));
    let load = |x: EndpointView, other: EndpointView| {
        (u64::from(x.in_flight) + 1) * u64::from(other.weight)
    };
    if load(b, a) < load(a, b) {
        second
    } else {
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(weight: u32, in_flight: u32) -> EndpointView {
        EndpointView {
            eligible: true,
            weight,
            in_flight,
        }
    }

    fn choose(
        policy: LoadBalancing,
        all: &[EndpointView],
        tried: &[usize],
        n: u64,
    ) -> Option<usize> {
        pick(policy, all, tried, Draw(n).next(), n)
    }

    #[test]
    fn round_robin_takes_each_by_its_weight() {
        let all = [endpoint(1, 0), endpoint(2, 0), endpoint(0, 0)];
        let got: Vec<_> = (0..6)
            .map(|n| choose(LoadBalancing::RoundRobin, &all, &[], n).unwrap())
            .collect();
        assert_eq!(got, [0, 1, 1, 0, 1, 1]);
    }

    #[test]
    fn who_was_tried_is_avoided_while_there_is_another() {
        let all = [endpoint(1, 0), endpoint(1, 9)];
        for policy in [
            LoadBalancing::RoundRobin,
            LoadBalancing::Random,
            LoadBalancing::LeastRequest,
        ] {
            for n in 0..20 {
                assert_eq!(choose(policy, &all, &[0], n), Some(1));
                assert!(choose(policy, &all, &[0, 1], n).is_some());
            }
        }
    }

    /// Endpoints with marks and latencies.
    struct Known(Vec<(EndpointView, u64, u64)>);

    impl Candidates for Known {
        fn count(&self) -> usize {
            self.0.len()
        }

        fn view(&self, at: usize) -> EndpointView {
            self.0[at].0
        }

        fn mark(&self, at: usize) -> u64 {
            self.0[at].1
        }

        fn latency(&self, at: usize) -> u64 {
            self.0[at].2
        }
    }

    #[test]
    fn a_key_stays_with_its_endpoint_when_another_goes() {
        let all = |without: Option<u64>| {
            let marks = (0..5).filter(|mark| Some(*mark) != without);
            Known(marks.map(|mark| (endpoint(1, 0), mark, 0)).collect())
        };
        let mark_of = |known: &Known, key: u64| {
            let at = pick(LoadBalancing::Maglev, known, &[], Draw(key).next(), key).unwrap();
            known.mark(at)
        };
        let (before, after) = (all(None), all(Some(3)));
        let mut moved = 0;
        for key in 0..5000 {
            let (was, is) = (mark_of(&before, key), mark_of(&after, key));
            assert!(was == 3 || was == is, "key {key} moved from {was} to {is}");
            moved += usize::from(was != is);
        }
        assert!((850..1150).contains(&moved), "{moved}");
    }

    #[test]
    fn keys_go_by_weight() {
        let heavy = Known(vec![(endpoint(9, 0), 1, 0), (endpoint(1, 0), 2, 0)]);
        let second = (0..10_000)
            .filter(|key| {
                let draw = Draw(*key).next();
                pick(LoadBalancing::RingHash, &heavy, &[], draw, 0) == Some(1)
            })
            .count();
        assert!((850..1150).contains(&second), "{second}");
    }

    #[test]
    fn of_two_the_faster_takes_it_for_as_long_as_it_is_not_busy() {
        let fast_and_slow =
            |busy| Known(vec![(endpoint(1, 0), 1, 100), (endpoint(1, busy), 2, 10)]);
        let chosen = |known: &Known| {
            (0..20).all(|n| pick(LoadBalancing::Ewma, known, &[], Draw(n).next(), n) == Some(1))
        };
        assert!(chosen(&fast_and_slow(0)) && chosen(&fast_and_slow(8)));
        assert!(!chosen(&fast_and_slow(10)));
    }

    #[test]
    fn nothing_eligible_is_none() {
        let ill = EndpointView {
            eligible: false,
            weight: 1,
            in_flight: 0,
        };
        assert_eq!(choose(LoadBalancing::Random, &[], &[], 1), None);
        assert_eq!(
            choose(LoadBalancing::LeastRequest, &[ill, ill], &[], 1),
            None
        );
        let all = [ill, endpoint(1, 0)];
        assert!((0..20).all(|n| choose(LoadBalancing::LeastRequest, &all, &[], n) == Some(1)));
    }

    #[test]
    fn of_two_the_less_loaded_takes_it() {
        let all = [endpoint(1, 5), endpoint(1, 0)];
        assert!((0..20).all(|n| choose(LoadBalancing::LeastRequest, &all, &[], n) == Some(1)));
        let heavy = [endpoint(10, 5), endpoint(1, 1)];
        assert!((0..20).all(|n| choose(LoadBalancing::LeastRequest, &heavy, &[], n) == Some(0)));
    }

    #[test]
    fn random_goes_by_weight() {
        let all = [endpoint(9, 0), endpoint(1, 0)];
        let second = (0..10_000)
            .filter(|n| choose(LoadBalancing::Random, &all, &[], *n) == Some(1))
            .count();
        assert!((850..1150).contains(&second), "{second}");
    }
}
