//! What holds for everybody, and what is open on purpose.

mod default_allow;
mod exception_expired;
mod fail_open_alone;
mod namespace_empty;
mod permissive_alone;
mod permissive_bypasses;
mod repository_exceeded;
mod repository_raised;
mod required;

use mesh_ir::Timestamp;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    required::INFO,
    exception_expired::INFO,
    default_allow::INFO,
    repository_raised::INFO,
    repository_exceeded::INFO,
    namespace_empty::INFO,
    permissive_alone::INFO,
    fail_open_alone::INFO,
    permissive_bypasses::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    repository_exceeded::check(subject, out);
    fail_open_alone::check(subject, out);
    permissive_bypasses::check(subject, out);
}

pub(super) fn whole(subject: &Subject<'_>, now: Timestamp, out: &mut Vec<Diagnostic>) {
    exception_expired::check(subject, now, out);
    required::check(subject, out);
    default_allow::check(subject, out);
    repository_raised::check(subject, out);
    namespace_empty::check(subject, out);
    permissive_alone::check(subject, out);
}
