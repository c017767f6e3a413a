//! The behavioural diff: which requests fare otherwise after a change.
//!
//! Exact per decision point: what whoever is called admits, and where the proxy of
//! whoever calls sends. Both sides' rules at a point make one space of requests; each
//! class of requests with another outcome is one change, with a witness that
//! `mesh-decide` has decided on both sides. Outcomes are values: the lines and names of
//! rules are no part of them, so moving and renaming changes nothing. The universe is
//! the requests that are not answered 400. What a bound leaves open is undecided.

mod admission;
mod caller;
mod change;
mod classes;
mod concerned;
mod confirm;
mod declared;
mod facts;
mod gather;
mod judge;
mod later;
mod point;
mod report;
mod routing;
mod said;
pub(crate) mod shown;
mod side;
mod view;
mod words;
mod workloads;

use std::collections::BTreeSet;

use mesh_ir::{Mesh, Timestamp};

pub(crate) use admission::space_of;
pub(crate) use caller::Sees;
pub use change::{Change, ChangeKind, Diff, Example, Lines, Open};
use concerned::concerned;
pub(crate) use judge::{Cell, Judge};
pub(crate) use point::{Point, Site, sites};
pub(crate) use routing::Routes;
pub(crate) use side::{Side, Target};

/// At how many later instants, at which exceptions end, requests are compared too.
const MAX_INSTANTS: usize = 16;

/// What changes from one mesh to another, as of an instant and of every later one at
/// which an exception ends.
pub fn diff(base: &Mesh, head: &Mesh, now: Timestamp) -> Diff {
    let targets = concerned(base, head);
    let mut found = at(base, head, &targets, now);
    let (instants, is_cut) = later::instants([base, head], &targets, now, MAX_INSTANTS);
    for (instant, about) in instants {
        later::add(&mut found, at(base, head, &about, instant), instant);
    }
    if is_cut {
        found.undecided.push(later::too_many());
    }
    found.workloads = workloads::changed_bundles(base, head);
    found.tidy();
    found
}

fn at(base: &Mesh, head: &Mesh, targets: &BTreeSet<Target>, now: Timestamp) -> Diff {
    let (base, mut head) = (Side::new(base, now), Side::new(head, now));
    head.know(&base.identities);
    let mut found = Diff::default();
    declared::mesh(&base, &head, &mut found);
    for target in targets {
        declared::object(&base, &head, target, &mut found);
        for point in Point::all(&base, &head, target) {
            if let Err(why) = admission::compare(&base, &head, &point, &mut found) {
                found.undecided.push(point.open(&why));
            }
            if let Err(why) = routing::compare(&base, &head, &point, &mut found) {
                found.undecided.push(point.open(&why));
            }
        }
    }
    view::compare(&base, &head, &mut found);
    found
}

#[cfg(test)]
mod tests;
