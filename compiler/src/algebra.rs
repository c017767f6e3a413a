//! Sets of requests: which request a rule is about, and what rules have in common.
//!
//! [`Space`] is exact. It cuts each dimension of a request (path, method, caller,
//! host, address, each header, parameter, cookie and claim that a rule reads) into
//! *atoms*, values that no rule tells apart, each with a value that shows it; a set
//! is a decision diagram over atoms. Texts are cut by automata, with the readings of
//! `mesh-decide`. Every step has a bound, and where it is reached the answer is
//! [`Undecided`].
//!
//! [`RuleSet`] answers what can be seen without a space. How a request matches is
//! `mesh-decide`'s business; tests hold these sets to it on random requests.

mod atoms;
mod bits;
mod bounds;
mod compile;
mod cover;
mod diagram;
mod dimension;
mod gather;
mod intern;
mod layout;
mod mode;
mod order;
mod overrides;
mod quick;
mod shown;
mod space;
mod text;
mod witness;

pub(crate) use bounds::{Bounds, Undecided};
pub(crate) use cover::{Cover, cover, meets};
pub(crate) use mode::Mode;
pub(crate) use order::{Finding, Ranked, order};
pub(crate) use quick::{CallerSet, RuleSet, path_contains, paths_may_meet};
pub(crate) use space::{Rule, RuleId, Set, Side, Space, SpaceBuilder, Universe};
pub(crate) use witness::Witness;

#[cfg(any(test, fuzzing))]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests, and what fuzzing holds"
)]
#[cfg_attr(
    fuzzing,
    expect(
        dead_code,
        unused_imports,
        reason = "tests hold more than what is fuzzed"
    )
)]
pub(crate) mod tests;
