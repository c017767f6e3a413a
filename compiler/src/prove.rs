//! Proofs about all requests: that nothing changes, that nothing is opened, that
//! something is never or always let through.
//!
//! Exact like the behavioural diff: what a bound leaves open is said, never guessed.

mod claim;

use mesh_ir::{CallerMatch, Mesh, RequestMatch, Target, Timestamp};

use crate::diff::{ChangeKind, Diff, Example, diff};
pub(crate) use claim::{Asked, Prover};

/// Callers, destinations and requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    from: Vec<CallerMatch>,
    to: Vec<Target>,
    matches: Vec<RequestMatch>,
}

impl Claim {
    /// Of any of these callers to any of these destinations by any of these requests;
    /// no request named is every one.
    pub fn asked(from: Vec<CallerMatch>, to: Vec<Target>, matches: Vec<RequestMatch>) -> Self {
        Self { from, to, matches }
    }
}

/// Whether something is true of every request.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// It is.
    Proved,
    /// It is not: these show it.
    Refuted(Vec<Counterexample>),
    /// It is not known, for these reasons.
    Undecided(Vec<String>),
}

/// A request of which it is not true.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// Who sends it.
    pub from: String,
    /// What is called.
    pub to: String,
    /// The request.
    pub witness: Example,
    /// What becomes of it.
    pub outcome: String,
    /// What is responsible.
    pub lines: Vec<String>,
}

/// What callers, destinations and requests must have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// None is let through, whoever sends it.
    Never,
    /// All that are sent by somebody who exists are let through.
    Always,
}

/// Whether two meshes do the same with every request.
pub fn equal(base: &Mesh, head: &Mesh, now: Timestamp) -> Proof {
    let found = diff(base, head, now);
    of_diff(&found, |_| true)
}

/// Whether whatever the head lets through was let through before.
pub fn only_narrows(base: &Mesh, head: &Mesh, now: Timestamp) -> Proof {
    let found = diff(base, head, now);
    let widens = |kind: ChangeKind, plaintext: bool| kind == ChangeKind::Opened || plaintext;
    let proof = of_diff(&found, |change| widens(change.kind, change.plaintext));
    let mut others = found.changes.iter();
    let identity = others.find(|change| change.kind == ChangeKind::Reidentified);
    match (proof, identity) {
        (Proof::Proved, Some(change)) => Proof::Undecided(vec![format!(
            "{} is not who it was: {} becomes {}",
            change.to, change.before, change.after
        )]),
        (proof, _) => proof,
    }
}

/// Whether a claim is true of a mesh.
pub fn claim(mesh: &Mesh, claim: &Claim, must: Must, now: Timestamp) -> Proof {
    let asked = Asked {
        from: &claim.from,
        to: &claim.to,
        matches: &claim.matches,
    };
    Prover::new(mesh, now).prove(asked, must)
}

fn of_diff(found: &Diff, refutes: impl Fn(&crate::diff::Change) -> bool) -> Proof {
    let refuting = found.changes.iter().filter(|change| refutes(change));
    let refuting = refuting.map(|change| Counterexample {
        from: change.from.clone(),
        to: change.to.clone(),
        witness: change.witness.clone(),
        outcome: format!(
            "{}: {} becomes {}",
            change.kind, change.before, change.after
        ),
        lines: [&change.lines.base[..], &change.lines.head[..]].concat(),
    });
    let refuting: Vec<_> = refuting.collect();
    let open = found.undecided.iter();
    let open: Vec<_> = open
        .map(|it| format!("{} -> {}: {}", it.from, it.to, it.why))
        .collect();
    Proof::of(refuting, open)
}

impl Proof {
    fn of(refuting: Vec<Counterexample>, open: Vec<String>) -> Self {
        if !refuting.is_empty() {
            Self::Refuted(refuting)
        } else if open.is_empty() {
            Self::Proved
        } else {
            Self::Undecided(open)
        }
    }
}

#[cfg(test)]
mod tests;
