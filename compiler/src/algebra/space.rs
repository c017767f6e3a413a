use std::cell::RefCell;

use mesh_ir::{
    CallerMatch, Host, HostPattern, PathPattern, Protocol, RequestMatch, SpiffeId, TrustDomain,
    ValueMatch,
};

use super::bounds::{Bounds, Undecided};
use super::compile::Compiled;
use super::diagram::{FALSE, Operation};
use super::mode::Mode;
use super::witness::Witness;

/// What is asked about: the requests at one decision point that are not answered 400.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Universe<'a> {
    /// Who decides.
    pub(crate) side: Side,
    /// Of the port.
    pub(crate) protocol: Protocol,
    /// Whether `%2F` in a path is judged; else it is refused.
    pub(crate) encoded_slash: bool,
    /// Hosts that a witness should have, the best first.
    pub(crate) hosts: &'a [Host],
    /// Identities that exist, sorted: a witness should have one of them.
    pub(crate) identities: &'a [SpiffeId],
}

/// Whose proxy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The caller's, which runs routes: the caller is its own workload, without address.
    Caller,
    /// The callee's: the caller has an address and perhaps an identity.
    Callee,
    /// The callee's, where mutual TLS is strict: the caller has both.
    StrictCallee,
}

impl Side {
    /// Whether callers have an address.
    pub(super) fn is_callee(self) -> bool {
        self != Self::Caller
    }
}

/// What a rule of any kind is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<'a> {
    /// Empty: every caller.
    pub(crate) from: &'a [CallerMatch],
    /// Empty: every host.
    pub(crate) hosts: &'a [HostPattern],
    /// Empty: every request.
    pub(crate) matches: &'a [RequestMatch],
    /// How it is judged.
    pub(crate) mode: Mode,
    /// The trust domain of the mesh it belongs to.
    pub(crate) trust_domain: &'a TrustDomain,
}

impl Rule<'_> {
    /// Whether it fails closed.
    pub(super) fn closes(&self) -> bool {
        self.mode == Mode::Deny
    }

    /// Whether it plainly takes some request on either side.
    pub(super) fn is_plain(&self) -> bool {
        let caller = |it: &CallerMatch| it.not.is_empty() && it.cidr.is_empty();
        let is_regex = |it: &ValueMatch| matches!(it, ValueMatch::Regex(_));
        let request = |it: &RequestMatch| {
            let mut named = it.headers.iter().chain(&it.query).chain(&it.cookies);
            let segments = |it: &PathPattern| matches!(it, PathPattern::Segments { .. });
            it.not.is_empty()
                && it.paths.iter().all(segments)
                && !named.any(|it| is_regex(&it.value))
        };
        (self.from.is_empty() || self.from.iter().any(caller))
            && (self.matches.is_empty() || self.matches.iter().any(request))
    }

    /// The same as what a `not` of it is judged as.
    pub(super) fn inside_not(self) -> Self {
        Self {
            mode: self.mode.inside_not(),
            ..self
        }
    }
}

/// A rule of a space, in the order of [`SpaceBuilder::rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RuleId(pub(crate) usize);

/// Gathers the rules that are compared with each other.
#[derive(Debug)]
pub(crate) struct SpaceBuilder<'a> {
    universe: Universe<'a>,
    bounds: Bounds,
    rules: Vec<Rule<'a>>,
}

/// Sets of requests over the atoms of some rules. Exact, or [`Undecided`].
///
/// Requests that are told apart by nothing that a rule reads are one point of a
/// space. A header that a rule reads comes once or not at all, as every proxy
/// demands. Where a rule reads a header that overrides the method, `OPTIONS *` with
/// such a header is left out.
#[derive(Debug)]
pub(crate) struct Space {
    pub(super) compiled: RefCell<Compiled>,
    rules: Vec<Set>,
    everything: Set,
}

/// A set of requests of one [`Space`]; equal exactly where the requests are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Set(pub(super) u32);

impl Set {
    /// No request, in every space.
    pub(crate) const NONE: Self = Self(FALSE);
}

impl<'a> SpaceBuilder<'a> {
    /// Of one decision point.
    pub(crate) fn new(universe: Universe<'a>, bounds: Bounds) -> Self {
        Self {
            universe,
            bounds,
            rules: vec![],
        }
    }

    /// One more rule.
    pub(crate) fn rule(&mut self, rule: Rule<'a>) -> RuleId {
        self.rules.push(rule);
        RuleId(self.rules.len() - 1)
    }

    /// Splits every dimension into atoms and makes the set of each rule.
    pub(crate) fn build(self) -> Result<Space, Undecided> {
        let (compiled, everything, rules) =
            Compiled::new(&self.universe, &self.rules, self.bounds)?;
        Ok(Space {
            compiled: RefCell::new(compiled),
            rules: rules.into_iter().map(Set).collect(),
            everything: Set(everything),
        })
    }
}

impl Space {
    /// The requests of a rule.
    pub(crate) fn set(&self, rule: RuleId) -> Set {
        self.rules[rule.0]
    }

    /// Every request of the universe.
    pub(crate) fn everything(&self) -> Set {
        self.everything
    }

    /// In either.
    pub(crate) fn union(&self, a: Set, b: Set) -> Result<Set, Undecided> {
        self.apply(Operation::Or, a, b)
    }

    /// In both.
    pub(crate) fn intersect(&self, a: Set, b: Set) -> Result<Set, Undecided> {
        self.apply(Operation::And, a, b)
    }

    /// In the first and not in the second.
    pub(crate) fn subtract(&self, a: Set, b: Set) -> Result<Set, Undecided> {
        self.apply(Operation::Minus, a, b)
    }

    /// In the universe and not in it.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn complement(&self, a: Set) -> Result<Set, Undecided> {
        self.subtract(self.everything, a)
    }

    /// Whether no request is in it.
    #[expect(clippy::unused_self, reason = "a set is one of its space")]
    pub(crate) fn is_empty(&self, a: Set) -> bool {
        a == Set::NONE
    }

    /// Whether every request of `narrow` is in `wide`.
    pub(crate) fn contains(&self, wide: Set, narrow: Set) -> Result<bool, Undecided> {
        Ok(self.is_empty(self.subtract(narrow, wide)?))
    }

    /// The requests that a proxy admits, of those that access allows as they are
    /// read: the same, unless a rule reads a header that overrides the method,
    /// where every method that an application may read must be allowed.
    pub(crate) fn in_every_reading(&self, allowed: Set) -> Result<Set, Undecided> {
        let found = self.compiled.borrow_mut().in_every_reading(allowed.0)?;
        Ok(Set(found))
    }

    /// A request of the set, with a caller that exists where there is one.
    pub(crate) fn witness(&self, set: Set) -> Option<Witness> {
        self.compiled.borrow().witness(set.0)
    }

    fn apply(&self, operation: Operation, a: Set, b: Set) -> Result<Set, Undecided> {
        let mut compiled = self.compiled.borrow_mut();
        Ok(Set(compiled.diagram.apply(operation, a.0, b.0)?))
    }
}
