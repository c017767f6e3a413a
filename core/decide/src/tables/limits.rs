use std::collections::BTreeMap;
use std::num::NonZeroU32;

use mesh_ir::{HostPattern, Key, Kind, Limit, LimitScope, ObjectRef, Origin, Rate, RuleId, Target};

use super::access::{is_about, is_about_host};
use super::builder::{Builder, Site};
use crate::callers::Callers;
use crate::index::IssuerIndex;
use crate::matching::Requests;
use crate::rule::RuleIndex;

/// One limit, ready to test.
#[derive(Debug)]
pub(crate) struct LimitTable {
    pub(crate) rule: RuleIndex,
    pub(crate) from: Callers,
    pub(crate) requests: Requests,
    pub(crate) per: Vec<Key>,
    /// Whose tokens the claims among the keys are of.
    pub(crate) issuers: Vec<IssuerIndex>,
    /// Whether a key wants to know what the matched path stands for.
    pub(crate) reads_captures: bool,
    /// What this proxy counts by: its share of `quota`.
    pub(crate) rate: Rate,
    /// As written.
    pub(crate) quota: Rate,
    /// Of this proxy's share.
    pub(crate) burst: u64,
    pub(crate) status: u16,
    pub(crate) shadow: bool,
    /// What it is, so that an unchanged one keeps its buckets.
    pub(crate) identity: LimitIdentity,
}

/// All that a limit says, without the place where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitIdentity {
    object: ObjectRef,
    target: Target,
    limit: Limit,
    share: LimitShare,
}

/// The part of a limit of the fleet that one proxy decides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitShare {
    /// At most `of`.
    pub part: u32,
    /// Of so many parts.
    pub of: NonZeroU32,
}

/// The parts of all limits of the fleet. A limit that is not named has the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetShares {
    /// One part of the replicas that are expected.
    pub default: LimitShare,
    /// By document and entry.
    pub limits: BTreeMap<(ObjectRef, RuleId), LimitShare>,
}

impl LimitShare {
    /// All of it.
    pub const WHOLE: Self = Self {
        part: 1,
        of: NonZeroU32::MIN,
    };
}

impl Default for FleetShares {
    fn default() -> Self {
        Self {
            default: LimitShare::WHOLE,
            limits: BTreeMap::new(),
        }
    }
}

impl LimitTable {
    /// Whether it is about requests to this host; a connection has none.
    pub(crate) fn speaks_of(&self, host: Option<&str>) -> bool {
        is_about_host(self.hosts(), host)
    }

    fn hosts(&self) -> &[HostPattern] {
        &self.identity.target.hosts
    }

    /// Whether it can only judge requests.
    fn reads_requests(&self) -> bool {
        !self.identity.limit.matches.is_empty()
            || self
                .per
                .iter()
                .any(|key| !matches!(key, Key::Caller | Key::Address))
    }

    /// Calls `add` with the name of every header that it reads.
    pub(super) fn header_names(&self, add: &mut dyn FnMut(&str)) {
        self.requests.header_names(add);
        header_keys(&self.per, add);
    }

    pub(super) fn is_about(&self, builder: &mut Builder<'_>, site: &Site<'_>) -> bool {
        let target = &self.identity.target;
        is_about(builder, self.rule, target, self.reads_requests(), site)
    }
}

/// Calls `add` with the name of every header among the keys.
pub(super) fn header_keys(keys: &[Key], add: &mut dyn FnMut(&str)) {
    for key in keys {
        if let Key::Header(name) = key {
            add(name);
        }
    }
}

/// The greatest `$n` among the keys; 0 for none.
pub(super) fn greatest_capture(keys: &[Key]) -> usize {
    let number = |key: &Key| match key {
        Key::Capture(number) => usize::from(*number),
        _ => 0,
    };
    keys.iter().map(number).max().unwrap_or(0)
}

pub(super) fn build(builder: &mut Builder<'_>, shares: &FleetShares) -> Vec<LimitTable> {
    let mut tables = vec![];
    for document in &builder.snapshot.limits {
        for limit in &document.limits {
            let rule = builder.add_rule(
                Kind::RateLimit,
                &document.id,
                Some(&limit.id),
                &limit.origin,
            );
            let identity = LimitIdentity {
                object: document.id.clone(),
                target: document.target.clone(),
                limit: Limit {
                    origin: Origin::new("", 1, 1),
                    ..limit.clone()
                },
                share: match limit.scope {
                    LimitScope::Proxy => LimitShare::WHOLE,
                    LimitScope::Fleet => shares.of(&document.id, &limit.id),
                },
            };
            tables.push(table(builder, rule, limit, identity));
        }
    }
    tables
}

fn table(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    limit: &Limit,
    identity: LimitIdentity,
) -> LimitTable {
    let requests = builder.accept(rule, Requests::new(&limit.matches));
    let from = builder.callers(rule, &limit.from);
    let share = identity.share;
    let greatest = greatest_capture(&limit.per);
    if greatest > requests.captures() {
        builder.refuse(rule, format!("not every matched path has ${greatest}"));
    }
    if limit.rate.count == 0 || limit.rate.per.is_zero() || limit.burst == 0 {
        builder.refuse(rule, "a rate and a burst are at least 1");
    }
    LimitTable {
        rule,
        issuers: claim_issuers(builder, rule, &limit.per, &from),
        from,
        requests,
        per: limit.per.clone(),
        reads_captures: greatest > 0,
        rate: share.rate(limit.rate),
        quota: limit.rate,
        burst: share.burst(limit.burst),
        status: limit.status,
        shadow: limit.shadow,
        identity,
    }
}

/// Whose tokens the claims among the keys are of: those that the `from` beside them names.
pub(super) fn claim_issuers(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    keys: &[Key],
    from: &Callers,
) -> Vec<IssuerIndex> {
    if !keys.iter().any(|key| matches!(key, Key::Claim(_))) {
        return vec![];
    }
    let mut issuers = vec![];
    from.issuers(&mut |issuer| issuers.push(issuer));
    issuers.sort_unstable();
    issuers.dedup();
    if issuers.is_empty() {
        builder.refuse(rule, "a key reads a claim, but its `from` names no token");
    }
    issuers
}

impl FleetShares {
    fn of(&self, document: &ObjectRef, limit: &RuleId) -> LimitShare {
        let key = (document.clone(), limit.clone());
        self.limits.get(&key).copied().unwrap_or(self.default)
    }
}

impl LimitShare {
    /// As many in a longer time: exact, whatever the part is.
    fn rate(self, whole: Rate) -> Rate {
        if self.part == 0 {
            // A proxy without a part refuses everything, but for the first of a burst.
            return Rate {
                count: 1,
                per: std::time::Duration::MAX,
            };
        }
        Rate {
            count: whole.count.saturating_mul(self.part.into()),
            per: whole.per.saturating_mul(self.of.get()),
        }
    }

    fn burst(self, whole: u64) -> u64 {
        let part = whole.saturating_mul(self.part.into()) / u64::from(self.of.get());
        part.max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_share_of_a_rate_is_exact_and_of_a_burst_at_least_one() {
        let third = LimitShare {
            part: 1,
            of: NonZeroU32::new(3).unwrap(),
        };
        let rate = Rate {
            count: 100,
            per: Duration::from_secs(1),
        };
        let share = third.rate(rate);
        assert_eq!((share.count, share.per), (100, Duration::from_secs(3)));
        assert_eq!((third.burst(100), third.burst(2)), (33, 1));
        assert_eq!(LimitShare::WHOLE.rate(rate), rate);
    }
}
