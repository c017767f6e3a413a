use mesh_ir::{CallerMatch, RequestMatch, TrustDomain};

use super::CallerSet;
use super::request::RequestSet;

/// What a rule is about: callers and requests, each a union.
#[derive(Debug, Clone)]
pub(crate) struct RuleSet {
    from: Vec<CallerSet>,
    requests: Vec<RequestSet>,
}

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
        let holds_callers = |from: &CallerSet| self.from.iter().any(|wide| wide.contains(from));
        let holds_requests = |set: &RequestSet| {
            let holds = |set: &RequestSet| self.requests.iter().any(|wide| wide.contains(set));
            holds(set) || set.pieces().iter().all(holds)
        };
        other.from.iter().all(holds_callers) && other.requests.iter().all(holds_requests)
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
}
