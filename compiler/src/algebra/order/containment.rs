use super::{Facts, Ranked, shares_port};

/// Which rule contains which, among rules that share a port. What could not be told
/// counts as not contained.
pub(super) struct Containment {
    size: usize,
    /// Row: the container.
    holds: Vec<bool>,
    priorities: Vec<i32>,
}

impl Containment {
    pub(super) fn of(rules: &[Ranked<'_>], facts: &Facts<'_, '_>) -> Self {
        let size = rules.len();
        let mut holds = vec![false; size * size];
        for (outer, wide) in rules.iter().enumerate() {
            for (inner, narrow) in rules.iter().enumerate() {
                holds[outer * size + inner] = outer == inner
                    || (shares_port(wide, narrow) && facts.contains(outer, inner) == Ok(true));
            }
        }
        Self {
            size,
            holds,
            priorities: rules.iter().map(|rule| rule.priority).collect(),
        }
    }

    pub(super) fn has(&self, outer: usize, inner: usize) -> bool {
        self.holds[outer * self.size + inner]
    }

    pub(super) fn strictly(&self, outer: usize, inner: usize) -> bool {
        self.has(outer, inner) && !self.has(inner, outer)
    }

    /// Whether a rule decides before another wherever both match.
    pub(super) fn comes_before(&self, rules: &[Ranked<'_>], other: usize, rule: usize) -> bool {
        other != rule
            && shares_port(&rules[other], &rules[rule])
            && (self.priorities[other] > self.priorities[rule]
                || (self.priorities[other] == self.priorities[rule] && self.strictly(rule, other)))
    }

    pub(super) fn depths(&self) -> Vec<u32> {
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
