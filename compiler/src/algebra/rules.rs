use mesh_ir::{CallerMatch, RequestMatch, TrustDomain};

use super::request::Example;
use super::{CallerSet, RequestSet};

/// What a rule is about: callers and requests, each a union.
#[derive(Debug, Clone)]
pub(crate) struct RuleSet {
    from: Vec<CallerSet>,
    requests: Vec<RequestSet>,
}

/// One caller set and one request set: a box.
type Piece = (CallerSet, RequestSet);

impl RuleSet {
    /// The set of a rule's `from` and `match`.
    pub(crate) fn of(
        from: &[CallerMatch],
        matches: &[RequestMatch],
        trust_domain: &TrustDomain,
    ) -> Self {
        Self {
            from: if from.is_empty() {
                vec![CallerSet::everyone()]
            } else {
                from.iter()
                    .map(|entry| CallerSet::of(entry, trust_domain))
                    .collect()
            },
            requests: if matches.is_empty() {
                vec![RequestSet::default()]
            } else {
                matches.iter().map(RequestSet::of).collect()
            },
        }
    }

    /// Whether every request of `other` is provably one of these.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        other
            .from
            .iter()
            .all(|from| self.from.iter().any(|wide| wide.contains(from)))
            && other.requests.iter().all(|set| self.contains_requests(set))
    }

    /// Whether provably no request is in both.
    pub(crate) fn is_disjoint(&self, other: &Self) -> bool {
        self.from
            .iter()
            .all(|a| other.from.iter().all(|b| a.is_disjoint(b)))
            || self
                .requests
                .iter()
                .all(|a| other.requests.iter().all(|b| a.is_disjoint(b)))
    }

    /// Boxes that together hold every request in both, and perhaps more.
    pub(crate) fn meet(&self, other: &Self) -> Vec<Piece> {
        let mut requests: Vec<RequestSet> = self
            .requests
            .iter()
            .flat_map(|a| other.requests.iter().filter_map(|b| a.meet(b)))
            .collect();
        requests.sort();
        requests.dedup();
        let mut from: Vec<CallerSet> = self
            .from
            .iter()
            .flat_map(|a| other.from.iter().filter_map(|b| a.meet(b)))
            .collect();
        from.sort();
        from.dedup();
        product(&from, &requests)
    }

    /// Every request of the set, in boxes.
    pub(crate) fn boxes(&self) -> Vec<Piece> {
        product(&self.from, &self.requests)
    }

    /// A request of these and of `other` in words, if one is easily found in the
    /// boxes of both.
    pub(crate) fn example(&self, other: &Self, boxes: &[Piece]) -> Option<String> {
        let both = |example: &Example| {
            self.contains_requests(&example.point) && other.contains_requests(&example.point)
        };
        boxes
            .iter()
            .filter_map(|(_, requests)| requests.example())
            .find(both)
            .map(|example| example.words)
    }

    fn contains_requests(&self, set: &RequestSet) -> bool {
        self.requests.iter().any(|wide| wide.contains(set))
            || set
                .pieces()
                .iter()
                .all(|piece| self.requests.iter().any(|wide| wide.contains(piece)))
    }

    fn contains_box(&self, (from, requests): &Piece) -> bool {
        self.from.iter().any(|wide| wide.contains(from))
            && self.requests.iter().any(|wide| wide.contains(requests))
    }
}

/// Whether each of the boxes lies, piece by piece, in one of the rules.
pub(crate) fn covered(boxes: &[Piece], rules: &[&RuleSet]) -> bool {
    boxes.iter().all(|(from, requests)| {
        requests.pieces().into_iter().all(|piece| {
            let piece = (from.clone(), piece);
            rules.iter().any(|rule| rule.contains_box(&piece))
        })
    })
}

fn product(from: &[CallerSet], requests: &[RequestSet]) -> Vec<Piece> {
    from.iter()
        .flat_map(|from| requests.iter().map(move |set| (from.clone(), set.clone())))
        .collect()
}
