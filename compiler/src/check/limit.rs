//! How much is allowed.

mod chosen_key;
mod fleet_share;
mod never_triggers;
mod undecided;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    never_triggers::INFO,
    chosen_key::INFO,
    fleet_share::INFO,
    undecided::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    never_triggers::check(subject, out);
    chosen_key::check(subject, out);
}

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if let Some(inventory) = subject.inventory {
        fleet_share::check(subject, inventory, out);
    }
}
