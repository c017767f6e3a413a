//! Sets of requests and callers, compared by structure.
//!
//! A structural prover: what it says is true, what it does not know it does not
//! say. `contains` and `is_disjoint` are sound and incomplete; `meet` is an upper
//! bound of an intersection. How a request matches is `mesh-decide`'s business;
//! what is assumed here of it stands beside each comparison.

mod atoms;
mod bits;
mod bounds;
mod caller;
mod compile;
mod diagram;
mod dimension;
mod gather;
mod intern;
mod layout;
mod mode;
mod order;
mod overrides;
mod path;
mod pattern;
mod request;
mod rules;
mod shown;
mod space;
mod text;
mod value;
mod witness;

pub(crate) use bounds::{Bounds, Undecided};
pub(crate) use caller::CallerSet;
pub(crate) use mode::Mode;
pub(crate) use order::{Finding, Ranked, order};
use request::RequestSet;
pub(crate) use rules::RuleSet;
pub(crate) use space::{Rule, RuleId, Set, Side, Space, SpaceBuilder, Universe};
pub(crate) use witness::Witness;

/// How many steps into a `not` a comparison takes. Each step may take two more, so
/// that without a bound a few dozen nested ones would never end; what lies deeper
/// counts as not known.
const MAX_STEPS: u32 = 8;

#[cfg(test)]
mod tests;
