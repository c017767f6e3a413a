//! What holds for everybody, and what is open on purpose.

mod default_allow;
mod exception_expired;
mod namespace_empty;
mod repository_exceeded;
mod repository_raised;
mod required;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    required::INFO,
    exception_expired::INFO,
    default_allow::INFO,
    repository_raised::INFO,
    repository_exceeded::INFO,
    namespace_empty::INFO,
];

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    required::check(subject, out);
    exception_expired::check(subject, out);
    default_allow::check(subject, out);
    repository_raised::check(subject, out);
    repository_exceeded::check(subject, out);
    namespace_empty::check(subject, out);
}
