//! What time alone changes: exceptions that end after the instant that is asked about.

use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Access, Mesh, Timestamp};

use super::change::{Diff, Lines, Open};
use super::side::Target;

/// The instants after `now` at which an exception about one of some targets ends, with
/// what it is about; the nearest first, and whether some are left out.
pub(super) fn instants(
    meshes: [&Mesh; 2],
    targets: &BTreeSet<Target>,
    now: Timestamp,
    most: usize,
) -> (Vec<(Timestamp, BTreeSet<Target>)>, bool) {
    let mut found: BTreeMap<Timestamp, BTreeSet<Target>> = BTreeMap::new();
    for mesh in meshes {
        for document in mesh.access.values() {
            for instant in endings(document).filter(|it| *it > now) {
                let scope = &document.target.scope;
                let about = targets.iter().filter(|it| scope.is_about(it.subject()));
                let about: Vec<_> = about.cloned().collect();
                if !about.is_empty() {
                    found.entry(instant).or_default().extend(about);
                }
            }
        }
    }
    let is_cut = found.len() > most;
    (found.into_iter().take(most).collect(), is_cut)
}

fn endings(document: &Access) -> impl Iterator<Item = Timestamp> {
    let rules = document.allow.iter().chain(&document.deny);
    rules.chain(&document.audit).filter_map(|it| it.expires)
}

/// Adds what was not said of an earlier instant.
pub(super) fn add(found: &mut Diff, later: Diff, instant: Timestamp) {
    let from = jiff::Timestamp::from_second(instant.0);
    let from = from.map_or_else(|_| instant.0.to_string(), |it| it.to_string());
    for mut change in later.changes {
        let mut said = found.changes.iter();
        let is_said = said.any(|it| {
            let lines = (&it.lines, &it.before) == (&change.lines, &change.before);
            let outcome = it.after == change.after
                || it.after.starts_with(&format!("{}, from ", change.after));
            (it.kind, &it.to) == (change.kind, &change.to) && lines && outcome
        });
        if !is_said {
            change.after.extend([", from ", &from, " on"]);
            found.changes.push(change);
        }
    }
    for open in later.undecided {
        if !found.undecided.contains(&open) {
            found.undecided.push(open);
        }
    }
}

/// That a bound was reached.
pub(super) fn too_many() -> Open {
    Open {
        from: "anyone".to_owned(),
        to: "every service".to_owned(),
        why: "exceptions end at more instants than are compared".to_owned(),
        lines: Lines::default(),
    }
}
