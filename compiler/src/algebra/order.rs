use super::RuleSet;
use super::rules::covered;

/// With how many earlier rules a rule is in conflict before the rest is left unsaid:
/// a thousand that all overlap would be half a million errors, which nobody reads.
const MAX_CONFLICTS: usize = 10;

/// A rule among those about one service.
#[derive(Debug)]
pub(crate) struct Ranked<'a> {
    /// What it is about.
    pub(crate) set: RuleSet,
    /// As written, or 0.
    pub(crate) priority: i32,
    /// Bits of the ports it applies to.
    pub(crate) ports: &'a [mesh_ir::Name],
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
    /// Both may match, neither is contained, and outcomes differ.
    Conflict {
        /// The earlier.
        first: usize,
        /// The later.
        second: usize,
        /// A request of both, where one is found.
        example: Option<String>,
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
        /// One that takes some or all of them.
        by: usize,
    },
}

/// Orders rules by priority and inclusion. `same_outcome` compares two by index.
pub(crate) fn order(rules: &[Ranked<'_>], same_outcome: impl Fn(usize, usize) -> bool) -> Order {
    let around = Containment::of(rules);
    let mut findings = Vec::new();
    for second in 0..rules.len() {
        let mut conflicts = 0;
        for first in 0..second {
            let pair = Pair {
                rules,
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
    findings.extend((0..rules.len()).filter_map(|rule| dead(rules, &around, rule)));
    Order {
        depth: around.depths(),
        findings,
    }
}

struct Pair<'a> {
    rules: &'a [Ranked<'a>],
    around: &'a Containment,
    first: usize,
    second: usize,
}

impl Pair<'_> {
    fn judge(&self, same_outcome: impl Fn(usize, usize) -> bool) -> Option<Finding> {
        let (first, second) = (self.first, self.second);
        let (a, b) = (&self.rules[first], &self.rules[second]);
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
        if a.set.is_disjoint(&b.set) {
            return None;
        }
        match (same_outcome(first, second), equal) {
            (true, true) => return Some(Finding::Redundant { first, second }),
            (true, false) => return None,
            (false, _) => {}
        }
        let both = a.set.meet(&b.set);
        if covered(&both, &self.settling()) {
            return None;
        }
        Some(Finding::Conflict {
            first,
            second,
            example: a.set.example(&b.set, &both),
            equal,
        })
    }

    /// Rules that come before both wherever they match: of a higher priority, or
    /// contained in both.
    fn settling(&self) -> Vec<&RuleSet> {
        let (first, second) = (self.first, self.second);
        let (a, b) = (&self.rules[first], &self.rules[second]);
        let shared = |port: &&mesh_ir::Name| b.ports.contains(*port);
        self.rules
            .iter()
            .enumerate()
            .filter(|(index, rule)| {
                *index != first
                    && *index != second
                    && a.ports
                        .iter()
                        .filter(shared)
                        .all(|p| rule.ports.contains(p))
                    && (rule.priority > a.priority
                        || (rule.priority == a.priority
                            && self.around.strictly(first, *index)
                            && self.around.strictly(second, *index)))
            })
            .map(|(_, rule)| &rule.set)
            .collect()
    }
}

fn dead(rules: &[Ranked<'_>], around: &Containment, rule: usize) -> Option<Finding> {
    let this = &rules[rule];
    let before: Vec<usize> = (0..rules.len())
        .filter(|other| {
            let that = &rules[*other];
            *other != rule
                && this.ports.iter().all(|port| that.ports.contains(port))
                && (that.priority > this.priority
                    || (that.priority == this.priority && around.strictly(rule, *other)))
        })
        .collect();
    let boxes = this.set.boxes();
    let sets: Vec<&RuleSet> = before.iter().map(|index| &rules[*index].set).collect();
    if before.is_empty() || !covered(&boxes, &sets) {
        return None;
    }
    let whole = before
        .iter()
        .find(|index| rules[**index].set.contains(&this.set));
    Some(Finding::Dead {
        rule,
        by: *whole.unwrap_or(&before[0]),
    })
}

/// Which rule contains which, among rules that share a port.
struct Containment {
    size: usize,
    /// Row: the container.
    holds: Vec<bool>,
    priorities: Vec<i32>,
}

impl Containment {
    fn of(rules: &[Ranked<'_>]) -> Self {
        let size = rules.len();
        let mut holds = vec![false; size * size];
        for (outer, wide) in rules.iter().enumerate() {
            for (inner, narrow) in rules.iter().enumerate() {
                holds[outer * size + inner] =
                    outer == inner || (shares_port(wide, narrow) && wide.set.contains(&narrow.set));
            }
        }
        Self {
            size,
            holds,
            priorities: rules.iter().map(|rule| rule.priority).collect(),
        }
    }

    fn has(&self, outer: usize, inner: usize) -> bool {
        self.holds[outer * self.size + inner]
    }

    fn strictly(&self, outer: usize, inner: usize) -> bool {
        self.has(outer, inner) && !self.has(inner, outer)
    }

    fn depths(&self) -> Vec<u32> {
        let mut known = vec![None; self.size];
        (0..self.size)
            .map(|rule| self.depth(rule, &mut known))
            .collect()
    }

    /// Marks a rule as 0 while its chain is walked, so that an unproved cycle ends.
    fn depth(&self, rule: usize, known: &mut Vec<Option<u32>>) -> u32 {
        if let Some(depth) = known[rule] {
            return depth;
        }
        known[rule] = Some(0);
        let deepest = (0..self.size)
            .filter(|outer| {
                self.strictly(*outer, rule) && self.priorities[*outer] == self.priorities[rule]
            })
            .map(|outer| self.depth(outer, known) + 1)
            .max()
            .unwrap_or(0);
        known[rule] = Some(deepest);
        deepest
    }
}

fn shares_port(a: &Ranked<'_>, b: &Ranked<'_>) -> bool {
    a.ports.iter().any(|port| b.ports.contains(port))
}

#[cfg(test)]
mod tests {
    use mesh_ir::{Name, NamedValue, PathPattern, RequestMatch, TrustDomain, ValueMatch};

    use super::*;

    /// Each rule: paths separated by spaces, priority, outcome.
    fn ordered(rules: &[(&str, i32, u8)]) -> Order {
        let ports = [Name::parse("http").unwrap()];
        let domain = TrustDomain::parse("a").unwrap();
        let ranked: Vec<Ranked<'_>> = rules
            .iter()
            .map(|(text, priority, _)| Ranked {
                set: RuleSet::of(&[], &[entry(text)], &domain),
                priority: *priority,
                ports: &ports,
            })
            .collect();
        order(&ranked, |a, b| rules[a].2 == rules[b].2)
    }

    /// Words: a path, a method, or `name=value` for a header.
    fn entry(text: &str) -> RequestMatch {
        let mut entry = RequestMatch::default();
        for word in text.split_whitespace() {
            if word.starts_with('/') {
                entry.paths.push(PathPattern::parse(word).unwrap());
            } else if let Some((name, value)) = word.split_once('=') {
                entry.headers.push(NamedValue {
                    name: name.into(),
                    value: ValueMatch::Exact(value.into()),
                });
            } else {
                entry.methods.push(word.into());
            }
        }
        entry
    }

    #[test]
    fn the_more_specific_rule_is_deeper() {
        let order = ordered(&[("/**", 0, 1), ("/a/**", 0, 2), ("/a/b", 0, 3), ("/c", 0, 4)]);
        assert_eq!(order.depth, [0, 1, 2, 1]);
        assert_eq!(order.findings, []);
    }

    #[test]
    fn an_overlap_without_inclusion_is_a_conflict_with_a_request() {
        let order = ordered(&[("/a/**", 0, 1), ("user=jason", 0, 2)]);
        let example = Some("GET /a with user: jason".to_owned());
        let conflict = Finding::Conflict {
            first: 0,
            second: 1,
            example,
            equal: false,
        };
        assert_eq!(order.findings, [conflict]);
    }

    #[test]
    fn a_rule_for_the_overlap_settles_it() {
        let rules = [
            ("/a/**", 0, 1),
            ("user=jason", 0, 2),
            ("/a/** user=jason", 0, 3),
        ];
        assert_eq!(ordered(&rules).findings, []);
    }

    #[test]
    fn priority_settles_an_overlap_and_equal_outcomes_need_no_order() {
        assert_eq!(
            ordered(&[("/a/**", 0, 1), ("user=jason", 1, 2)]).findings,
            []
        );
        assert_eq!(
            ordered(&[("/a/**", 0, 1), ("user=jason", 0, 1)]).findings,
            []
        );
    }

    #[test]
    fn the_same_requests_are_redundant_or_a_conflict() {
        let findings = ordered(&[("/a", 0, 1), ("/a", 0, 1)]).findings;
        assert_eq!(
            findings,
            [Finding::Redundant {
                first: 0,
                second: 1
            }]
        );
        let findings = ordered(&[("/a", 0, 1), ("/a", 0, 2)]).findings;
        assert!(matches!(
            findings[..],
            [Finding::Conflict { equal: true, .. }]
        ));
    }

    #[test]
    fn a_rule_below_a_higher_one_that_contains_it_is_dead() {
        let findings = ordered(&[("/a/**", 1, 1), ("/a/b", 0, 2)]).findings;
        assert_eq!(findings, [Finding::Dead { rule: 1, by: 0 }]);
    }

    #[test]
    fn a_rule_whose_parts_are_all_taken_is_dead() {
        let rules = [("GET PUT /a", 0, 1), ("GET /a", 0, 2), ("PUT /a", 0, 3)];
        let findings = ordered(&rules).findings;
        assert_eq!(findings, [Finding::Dead { rule: 0, by: 1 }]);
    }
}
