use super::quick::{Point, RuleSet};
use super::{Bounds, Rule, RuleId, Set, SpaceBuilder, Undecided, Universe};

/// What other rules leave of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Some request.
    Open,
    /// Nothing: these, in the order given, take all of it, each some that those before
    /// it leave.
    Covered(Vec<usize>),
    /// No request is one of the rule to begin with.
    Empty,
}

/// What others leave of a rule. Others are judged as they are or close.
pub(crate) fn cover(
    rule: &Rule<'_>,
    others: &[Rule<'_>],
    universe: Universe<'_>,
) -> Result<Cover, Undecided> {
    if others.is_empty() && rule.is_plain() {
        return Ok(Cover::Open);
    }
    let points = Point::of(rule, universe.side);
    let is_left = |point: &Point| others.iter().all(|it| point.is_in(it) == Some(false));
    if points.iter().any(is_left) {
        return Ok(Cover::Open);
    }
    if !points.is_empty() {
        let set = |it: &Rule<'_>| RuleSet::of(it.from, it.matches, it.trust_domain);
        let one = set(rule);
        let covers = |it: &Rule<'_>| it.hosts.is_empty() && set(it).contains(&one);
        if let Some(alone) = others.iter().position(covers) {
            return Ok(Cover::Covered(vec![alone]));
        }
    }
    let mut builder = SpaceBuilder::new(universe, Bounds::default());
    let own = builder.rule(*rule);
    let others: Vec<RuleId> = others.iter().map(|it| builder.rule(*it)).collect();
    let space = builder.build()?;
    let mut left = space.set(own);
    if space.is_empty(left) {
        return Ok(Cover::Empty);
    }
    let mut by = vec![];
    for (index, other) in others.iter().enumerate() {
        let after = space.subtract(left, space.set(*other))?;
        if after != left {
            by.push(index);
        }
        left = after;
    }
    Ok(if space.is_empty(left) {
        Cover::Covered(by)
    } else {
        Cover::Open
    })
}

/// Whether a request of a rule is one of `among` and none of `without`.
pub(crate) fn meets(
    rule: &Rule<'_>,
    among: &[Rule<'_>],
    without: &[Rule<'_>],
    universe: Universe<'_>,
) -> Result<bool, Undecided> {
    let remains = |point: &Point| without.iter().all(|it| point.is_in(it) == Some(false));
    let own = Point::of(rule, universe.side);
    let is_among = |point: &Point| among.iter().any(|it| point.is_in(it) == Some(true));
    if own.iter().any(|it| is_among(it) && remains(it)) {
        return Ok(true);
    }
    for one in among {
        let points = Point::of(one, universe.side);
        let is_own = |point: &&Point| point.is_in(rule) == Some(true);
        if points.iter().filter(is_own).any(remains) {
            return Ok(true);
        }
    }
    let mut builder = SpaceBuilder::new(universe, Bounds::default());
    let own = builder.rule(*rule);
    let among: Vec<RuleId> = among.iter().map(|it| builder.rule(*it)).collect();
    let without: Vec<RuleId> = without.iter().map(|it| builder.rule(*it)).collect();
    let space = builder.build()?;
    let mut found = Set::NONE;
    for one in among {
        found = space.union(found, space.set(one))?;
    }
    for one in without {
        found = space.subtract(found, space.set(one))?;
    }
    let both = space.intersect(found, space.set(own))?;
    Ok(!space.is_empty(both))
}
