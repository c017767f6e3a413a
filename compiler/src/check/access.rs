//! Who may call.

mod address_alone;
mod asked_not_callable;
mod call_not_allowed;
mod covered_by_deny;
mod denies_everything;
mod empty_entry;
mod nobody;
mod ports;
mod redundant_allow;
mod undecided;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    nobody::INFO,
    covered_by_deny::INFO,
    denies_everything::INFO,
    address_alone::INFO,
    empty_entry::INFO,
    call_not_allowed::INFO,
    undecided::INFO,
    redundant_allow::INFO,
    asked_not_callable::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    nobody::check(subject, out);
    covered_by_deny::check(subject, out);
    denies_everything::check(subject, out);
    empty_entry::check(subject, out);
    address_alone::check(subject, out);
    redundant_allow::check(subject, out);
}

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    call_not_allowed::check(subject, out);
    asked_not_callable::check(subject, out);
}
