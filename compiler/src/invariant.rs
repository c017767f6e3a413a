//! Invariants: what must be true of any commit, proved of this one.

mod always;
mod never;
mod undecided;

use mesh_ir::{Mesh, Timestamp};

use crate::diagnostic::{CodeInfo, Diagnostic};
use crate::lower::{Claim, Invariant};
use crate::prove::{Asked, Counterexample, Must, Proof, Prover};

pub(crate) const CODES: &[CodeInfo] = &[never::INFO, always::INFO, undecided::INFO];

/// What is not true, each with a request that shows it.
pub(crate) fn check(mesh: &Mesh, invariants: &[Invariant], now: Timestamp) -> Vec<Diagnostic> {
    if invariants.is_empty() {
        return vec![];
    }
    let prover = Prover::new(mesh, now);
    let mut found = vec![];
    for invariant in invariants {
        let name = invariant.name.as_str();
        for claim in &invariant.never {
            found.extend(match prover.prove(asked(claim), Must::Never) {
                Proof::Proved => None,
                Proof::Refuted(shown) => never::found(name, claim, &shown),
                Proof::Undecided(why) => Some(undecided::found(name, claim, &why)),
            });
        }
        for claim in &invariant.always {
            found.extend(match prover.prove(asked(claim), Must::Always) {
                Proof::Proved => None,
                Proof::Refuted(shown) => always::found(name, claim, &shown),
                Proof::Undecided(why) => Some(undecided::found(name, claim, &why)),
            });
        }
    }
    found
}

fn asked(claim: &Claim) -> Asked<'_> {
    Asked {
        from: &claim.from,
        to: &claim.to,
        matches: &claim.matches,
    }
}

/// The request, what becomes of it, and what makes it so.
fn example(shown: &[Counterexample]) -> String {
    let each = shown.iter().take(3).map(|it| {
        let lines = it.lines.join(", ");
        format!("{} from {}: {} ({lines})", it.witness, it.from, it.outcome)
    });
    let mut text = each.collect::<Vec<_>>().join("\n");
    if let Some(more) = shown.len().checked_sub(3).filter(|more| *more > 0) {
        text.extend([format!("\nand {more} more")]);
    }
    text
}
