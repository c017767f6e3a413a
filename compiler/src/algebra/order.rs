mod containment;

use std::cell::OnceCell;

use mesh_ir::Name;

use super::quick::{Point, RuleSet};
use super::{Bounds, Rule, RuleId, Set, Space, SpaceBuilder, Undecided, Universe, Witness};
use containment::Containment;

/// With how many earlier rules a rule is in conflict before the rest is left unsaid:
/// a thousand that all overlap would be half a million errors, which nobody reads.
const MAX_CONFLICTS: usize = 10;

/// A rule among those about one target.
#[derive(Debug)]
pub(crate) struct Ranked<'a> {
    /// What it is about.
    pub(crate) rule: Rule<'a>,
    /// As written, or 0.
    pub(crate) priority: i32,
    /// The ports it applies to.
    pub(crate) ports: &'a [Name],
}

/// The order of some rules, and what stands against it.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// By rule: how many rules the longest chain of rules around it has.
    pub(crate) depth: Vec<u32>,
    /// By pairs in the order of rules; of each rule the first few conflicts.
    pub(crate) findings: Vec<Finding>,
}

/// What is wrong with a pair of rules or with one. Indices of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Both match, neither is contained, and outcomes differ; or nobody can tell.
    Conflict {
        /// The earlier.
        first: usize,
        /// The later.
        second: usize,
        /// A request of both, or why none is known.
        example: Result<Box<Witness>, Undecided>,
        /// Exactly the same requests.
        equal: bool,
    },
    /// Same requests, same outcome.
    Redundant {
        /// The earlier.
        first: usize,
        /// The later.
        second: usize,
    },
    /// Rules before it take every request it is about.
    Dead {
        /// Which.
        rule: usize,
        /// Those that take them, each some that the others leave.
        by: Vec<usize>,
    },
    /// No request is one that it is about.
    Empty {
        /// Which.
        rule: usize,
    },
    /// Whether a rule ever decides could not be told.
    Open {
        /// Which.
        rule: usize,
        /// Why not.
        why: Undecided,
    },
}

/// Orders rules by priority and inclusion. `same_outcome` compares two by index.
pub(crate) fn order(
    rules: &[Ranked<'_>],
    universe: Universe<'_>,
    same_outcome: impl Fn(usize, usize) -> bool,
) -> Order {
    if let [only] = rules
        && only.rule.is_plain()
    {
        return Order {
            depth: vec![0],
            findings: vec![],
        };
    }
    let facts = Facts::new(rules, universe);
    let around = Containment::of(rules, &facts);
    let mut findings = Vec::new();
    for second in 0..rules.len() {
        let mut conflicts = 0;
        for first in 0..second {
            let pair = Pair {
                facts: &facts,
                around: &around,
                first,
                second,
            };
            let found = pair.judge(&same_outcome);
            conflicts += usize::from(matches!(found, Some(Finding::Conflict { .. })));
            findings.extend(found);
            if conflicts == MAX_CONFLICTS {
                break;
            }
        }
    }
    findings.extend((0..rules.len()).filter_map(|rule| unreached(&facts, &around, rule)));
    Order {
        depth: around.depths(),
        findings,
    }
}

/// What is known of the rules: at a look, and, once somebody asks for more, exactly.
struct Facts<'r, 'a> {
    rules: &'r [Ranked<'a>],
    sets: Vec<RuleSet>,
    points: Vec<Vec<Point>>,
    universe: Universe<'a>,
    space: OnceCell<Result<Space, Undecided>>,
}

impl<'r, 'a> Facts<'r, 'a> {
    fn new(rules: &'r [Ranked<'a>], universe: Universe<'a>) -> Self {
        let set =
            |it: &Ranked<'_>| RuleSet::of(it.rule.from, it.rule.matches, it.rule.trust_domain);
        let has_hosts = rules.iter().any(|it| !it.rule.hosts.is_empty());
        Self {
            sets: if has_hosts || rules.len() < 2 {
                vec![]
            } else {
                rules.iter().map(set).collect()
            },
            points: rules
                .iter()
                .map(|it| Point::of(&it.rule, universe.side))
                .collect(),
            rules,
            universe,
            space: OnceCell::new(),
        }
    }

    fn space(&self) -> Result<&Space, Undecided> {
        let build = || {
            let mut builder = SpaceBuilder::new(self.universe, Bounds::default());
            for it in self.rules {
                builder.rule(it.rule);
            }
            builder.build()
        };
        self.space.get_or_init(build).as_ref().map_err(Clone::clone)
    }

    fn set(&self, rule: usize) -> Result<(&Space, Set), Undecided> {
        let space = self.space()?;
        Ok((space, space.set(RuleId(rule))))
    }

    fn contains(&self, wide: usize, narrow: usize) -> Result<bool, Undecided> {
        let misses = |point: &Point| point.is_in(&self.rules[wide].rule) == Some(false);
        if self.points[narrow].iter().any(misses) {
            return Ok(false);
        }
        if let (Some(wide), Some(narrow)) = (self.sets.get(wide), self.sets.get(narrow))
            && wide.contains(narrow)
        {
            return Ok(true);
        }
        let (space, narrow) = self.set(narrow)?;
        space.contains(space.set(RuleId(wide)), narrow)
    }

    fn is_disjoint(&self, a: usize, b: usize) -> Result<bool, Undecided> {
        if let (Some(a), Some(b)) = (self.sets.get(a), self.sets.get(b))
            && a.is_disjoint(b)
        {
            return Ok(true);
        }
        let (space, both) = self.set(a)?;
        let both = space.intersect(both, space.set(RuleId(b)))?;
        Ok(space.is_empty(both))
    }

    /// What of a set other rules leave.
    fn left(&self, set: Set, others: &[usize]) -> Result<Set, Undecided> {
        let space = self.space()?;
        others.iter().try_fold(set, |set, other| {
            space.subtract(set, space.set(RuleId(*other)))
        })
    }
}

struct Pair<'f, 'r, 'a> {
    facts: &'f Facts<'r, 'a>,
    around: &'f Containment,
    first: usize,
    second: usize,
}

impl Pair<'_, '_, '_> {
    fn judge(&self, same_outcome: impl Fn(usize, usize) -> bool) -> Option<Finding> {
        let (first, second) = (self.first, self.second);
        let (a, b) = (&self.facts.rules[first], &self.facts.rules[second]);
        if a.priority != b.priority || !shares_port(a, b) {
            return None;
        }
        let equal = match (
            self.around.has(first, second),
            self.around.has(second, first),
        ) {
            (true, true) => true,
            (false, false) => false,
            _ => return None,
        };
        match (same_outcome(first, second), equal) {
            (true, true) => return Some(Finding::Redundant { first, second }),
            (true, false) => return None,
            (false, _) => {}
        }
        if self.facts.is_disjoint(first, second) == Ok(true) {
            return None;
        }
        let example = self.example();
        let example = match example {
            Ok(None) => return None,
            Ok(Some(example)) => Ok(Box::new(example)),
            Err(why) => Err(why),
        };
        Some(Finding::Conflict {
            first,
            second,
            example,
            equal,
        })
    }

    /// A request of both that nothing settles.
    fn example(&self) -> Result<Option<Witness>, Undecided> {
        let (space, set) = self.facts.set(self.first)?;
        let both = space.intersect(set, space.set(RuleId(self.second)))?;
        let open = self.facts.left(both, &self.settling())?;
        Ok(space.witness(open))
    }

    /// Rules that come before both wherever they match: of a higher priority, or
    /// contained in both.
    fn settling(&self) -> Vec<usize> {
        let (first, second) = (self.first, self.second);
        let rules = self.facts.rules;
        let (a, b) = (&rules[first], &rules[second]);
        let shared = |port: &&Name| b.ports.contains(*port);
        let settles = |index: &usize| {
            let rule = &rules[*index];
            *index != first
                && *index != second
                && a.ports
                    .iter()
                    .filter(shared)
                    .all(|port| rule.ports.contains(port))
                && (rule.priority > a.priority
                    || (rule.priority == a.priority
                        && self.around.strictly(first, *index)
                        && self.around.strictly(second, *index)))
        };
        (0..rules.len()).filter(settles).collect()
    }
}

/// Whether requests reach a rule: not where there are none, nor where rules before
/// it take them all on each of its ports.
fn unreached(facts: &Facts<'_, '_>, around: &Containment, rule: usize) -> Option<Finding> {
    let before: Vec<usize> = (0..facts.rules.len())
        .filter(|other| around.comes_before(facts.rules, *other, rule))
        .collect();
    let reaches = |point: &Point| {
        let misses = |other: &usize| point.is_in(&facts.rules[*other].rule) == Some(false);
        before.iter().all(misses)
    };
    if facts.points[rule].iter().any(reaches) {
        return None;
    }
    match covering(facts, &before, rule) {
        Ok(found) => found,
        Err(why) => Some(Finding::Open { rule, why }),
    }
}

fn covering(
    facts: &Facts<'_, '_>,
    before: &[usize],
    rule: usize,
) -> Result<Option<Finding>, Undecided> {
    let (space, whole) = facts.set(rule)?;
    if space.is_empty(whole) {
        return Ok(Some(Finding::Empty { rule }));
    }
    let mut by: Vec<usize> = vec![];
    for port in facts.rules[rule].ports {
        let on_port = |other: &&usize| facts.rules[**other].ports.contains(port);
        let mut left = whole;
        // The one that takes most alone is named alone.
        let mut others: Vec<usize> = before.iter().filter(on_port).copied().collect();
        let mut alone = vec![];
        for other in &others {
            alone.push(!space.contains(space.set(RuleId(*other)), whole)?);
        }
        let mut alone = others.iter().copied().zip(alone).collect::<Vec<_>>();
        alone.sort_by_key(|(_, leaves_some)| *leaves_some);
        others.clear();
        for (other, _) in alone {
            let after = facts.left(left, &[other])?;
            if after != left {
                left = after;
                others.push(other);
            }
            if space.is_empty(left) {
                break;
            }
        }
        if !space.is_empty(left) {
            return Ok(None);
        }
        by.extend(others);
    }
    by.sort_unstable();
    by.dedup();
    Ok((!by.is_empty()).then_some(Finding::Dead { rule, by }))
}

fn shares_port(a: &Ranked<'_>, b: &Ranked<'_>) -> bool {
    a.ports.iter().any(|port| b.ports.contains(port))
}

#[cfg(test)]
mod tests;
