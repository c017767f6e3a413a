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
/// a counter that rises by one per choice; round robin goes by it.
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
        LoadBalancing::Random => at_weight(endpoints, avoid, draw.below(total)),
        LoadBalancing::LeastRequest
        | LoadBalancing::Ewma
        | LoadBalancing::RingHash
        | LoadBalancing::Maglev
        | LoadBalancing::OriginalDestination => {
            let first = at_weight(endpoints, avoid, draw.below(total))?;
            let rest = total - u64::from(endpoints.view(first).weight);
            if rest == 0 {
                return Some(first);
            }
            let second = at_weight_without(endpoints, avoid, first, draw.next().below(rest))?;
            Some(less_loaded(endpoints, first, second))
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
