use ipnet::IpNet;
use mesh_ir::{CallerMatch, SpiffeId, SpiffePattern, TokenMatch, TrustDomain, Who};

use super::MAX_STEPS;

/// The callers of one `from` entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallerSet {
    who: Identities,
    /// Empty: from anywhere.
    cidr: Vec<IpNet>,
    token: Option<TokenMatch>,
    not: Vec<Self>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identities {
    /// With or without one.
    Anyone,
    /// Any of the mesh, whose trust domain this is.
    Authenticated(TrustDomain),
    /// Any of these patterns.
    Patterns(Vec<SpiffePattern>),
}

impl CallerSet {
    /// Every caller.
    pub(crate) fn everyone() -> Self {
        Self {
            who: Identities::Anyone,
            cidr: vec![],
            token: None,
            not: vec![],
        }
    }

    /// Whom an entry names, in a mesh of this trust domain.
    pub(crate) fn of(entry: &CallerMatch, trust_domain: &TrustDomain) -> Self {
        let who = match &entry.who {
            Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
                Identities::Patterns(identities.iter().map(only).collect())
            }
            Who::Namespace(namespace) => {
                let text = format!("spiffe://{trust_domain}/ns/{namespace}/sa/*");
                Identities::Patterns(vec![
                    SpiffePattern::parse(&text).expect("a namespace is a path segment"),
                ])
            }
            Who::Identity(pattern) => Identities::Patterns(vec![pattern.clone()]),
            Who::Authenticated => Identities::Authenticated(trust_domain.clone()),
            Who::Anyone => Identities::Anyone,
        };
        Self {
            who,
            cidr: entry.cidr.clone(),
            token: entry.token.clone(),
            not: entry
                .not
                .iter()
                .map(|not| Self::of(not, trust_domain))
                .collect(),
        }
    }

    /// Whether every caller of `other` is provably one of these.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.contains_within(other, MAX_STEPS)
    }

    fn contains_within(&self, other: &Self, steps: u32) -> bool {
        let cidr = self.cidr.is_empty()
            || (!other.cidr.is_empty()
                && other
                    .cidr
                    .iter()
                    .all(|net| self.cidr.iter().any(|wide| wide.contains(net))));
        let token = self.token.is_none() || self.token == other.token;
        cidr && token
            && self.who.contains(&other.who)
            && self.not.iter().all(|hole| {
                steps > 0
                    && (hole.is_disjoint_within(other, steps - 1)
                        || other
                            .not
                            .iter()
                            .any(|cut| cut.contains_within(hole, steps - 1)))
            })
    }

    /// Whether provably no caller is in both.
    pub(crate) fn is_disjoint(&self, other: &Self) -> bool {
        self.is_disjoint_within(other, MAX_STEPS)
    }

    fn is_disjoint_within(&self, other: &Self, steps: u32) -> bool {
        let cidr = !self.cidr.is_empty()
            && !other.cidr.is_empty()
            && self
                .cidr
                .iter()
                .all(|a| other.cidr.iter().all(|b| !a.contains(b) && !b.contains(a)));
        cidr || self.who.is_disjoint(&other.who)
            || (steps > 0 && {
                let covers = |hole: &Self, set| hole.contains_within(set, steps - 1);
                self.not.iter().any(|hole| covers(hole, other))
                    || other.not.iter().any(|hole| covers(hole, self))
            })
    }

    /// Whether a caller with this identity, from some address, may be one of these.
    pub(crate) fn may_be(&self, id: &SpiffeId) -> bool {
        self.who.has(id) && !self.not.iter().any(|hole| hole.surely_is(id))
    }

    /// Whether every caller with this identity is one of these.
    fn surely_is(&self, id: &SpiffeId) -> bool {
        self.cidr.is_empty()
            && self.token.is_none()
            && self.who.has(id)
            && !self.not.iter().any(|hole| hole.may_be(id))
    }
}

impl Identities {
    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Anyone, _) => true,
            (Self::Authenticated(mine), Self::Authenticated(theirs)) => mine == theirs,
            (Self::Authenticated(own), Self::Patterns(theirs)) => {
                theirs.iter().all(|pattern| pattern.trust_domain() == own)
            }
            (Self::Patterns(mine), Self::Patterns(theirs)) => theirs
                .iter()
                .all(|pattern| mine.iter().any(|wide| wide.contains(pattern))),
            (Self::Authenticated(_) | Self::Patterns(_), _) => false,
        }
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Patterns(mine), Self::Patterns(theirs)) => {
                mine.iter().all(|a| theirs.iter().all(|b| a.is_disjoint(b)))
            }
            _ => false,
        }
    }

    fn has(&self, id: &SpiffeId) -> bool {
        match self {
            Self::Anyone | Self::Authenticated(_) => true,
            Self::Patterns(patterns) => patterns.iter().any(|pattern| pattern.matches(id)),
        }
    }
}

/// The pattern of one identity.
fn only(id: &SpiffeId) -> SpiffePattern {
    SpiffePattern::parse(&id.to_string()).expect("a workload's identity has a path and no star")
}

#[cfg(test)]
mod tests {
    use mesh_ir::Name;

    use super::*;

    fn domain() -> TrustDomain {
        TrustDomain::parse("a").unwrap()
    }

    fn set(who: Who) -> CallerSet {
        narrowed(who, &[], vec![])
    }

    fn narrowed(who: Who, cidr: &[&str], not: Vec<CallerMatch>) -> CallerSet {
        let entry = CallerMatch {
            token: None,
            who,
            cidr: cidr.iter().map(|net| net.parse().unwrap()).collect(),
            not,
        };
        CallerSet::of(&entry, &domain())
    }

    fn namespace(name: &str) -> Who {
        Who::Namespace(Name::parse(name).unwrap())
    }

    fn ci() -> Who {
        Who::Identity(SpiffePattern::parse("spiffe://a/ns/*/sa/ci").unwrap())
    }

    #[test]
    fn wider_words_contain_narrower_ones() {
        assert!(set(Who::Anyone).contains(&set(Who::Authenticated)));
        assert!(set(Who::Authenticated).contains(&set(namespace("ops"))));
        assert!(!set(Who::Authenticated).contains(&set(Who::Anyone)));
        assert!(set(namespace("ops")).is_disjoint(&set(namespace("dev"))));
        assert!(!set(namespace("ops")).is_disjoint(&set(ci())));
        assert!(!set(namespace("ops")).contains(&set(ci())));
    }

    #[test]
    fn addresses_narrow() {
        let wide = narrowed(Who::Anyone, &["10.0.0.0/8"], vec![]);
        let narrow = narrowed(Who::Anyone, &["10.8.0.0/16"], vec![]);
        assert!(wide.contains(&narrow) && !narrow.contains(&wide));
        assert!(wide.is_disjoint(&narrowed(Who::Anyone, &["11.0.0.0/8"], vec![])));
        assert!(!wide.contains(&set(Who::Anyone)));
    }

    #[test]
    fn an_identity_that_not_names_wholly_is_none_of_them() {
        let id = SpiffeId::parse("spiffe://a/ns/ops/sa/ci").unwrap();
        let without = |cidr: Vec<IpNet>| CallerMatch {
            token: None,
            who: ci(),
            cidr,
            not: vec![],
        };
        assert!(!narrowed(namespace("ops"), &[], vec![without(vec![])]).may_be(&id));
        let from_one_net = without(vec!["10.0.0.0/8".parse().unwrap()]);
        assert!(narrowed(namespace("ops"), &[], vec![from_one_net]).may_be(&id));
        assert!(!set(namespace("dev")).may_be(&id));
    }
}
