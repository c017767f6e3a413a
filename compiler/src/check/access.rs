//! Who may call.

mod address_alone;
mod covered_by_deny;
mod denies_everything;
mod empty_entry;
mod nobody;
mod undecided;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    nobody::INFO,
    covered_by_deny::INFO,
    denies_everything::INFO,
    address_alone::INFO,
    empty_entry::INFO,
    undecided::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    nobody::check(subject, out);
    covered_by_deny::check(subject, out);
    denies_everything::check(subject, out);
    empty_entry::check(subject, out);
    address_alone::check(subject, out);
}
