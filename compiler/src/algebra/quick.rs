//! What can be said of two rules without a space, at once: most rules of a mesh are
//! simple, and none of their services needs an automaton.
//!
//! Every answer is right or is none. [`RuleSet`] compares rules by their structure:
//! what it proves holds in every mode in which both are judged alike, and of a rule
//! that closes and one that opens. [`Point`] is a single request; two rules of which
//! one takes it and the other does not are told apart.

mod caller;
mod path;
mod pattern;
mod point;
mod request;
mod rules;
mod sample;
mod value;

use mesh_ir::PathPattern;

use path::Path;

pub(crate) use caller::CallerSet;
pub(crate) use point::Point;
pub(crate) use rules::RuleSet;

/// Whether every path of the second is one of the first; where that cannot be seen, no.
pub(crate) fn path_contains(paths: &PathPattern, others: &PathPattern) -> bool {
    Path::of(paths).contains(&Path::of(others))
}

/// Whether some path may be in both; where that cannot be seen, yes.
pub(crate) fn paths_may_meet(some: &PathPattern, others: &PathPattern) -> bool {
    !Path::of(some).is_disjoint(&Path::of(others))
}

/// How many steps into a `not` a comparison takes. Each step may take two more, so
/// that without a bound a few dozen nested ones would never end; what lies deeper
/// counts as not known.
const MAX_STEPS: u32 = 8;
