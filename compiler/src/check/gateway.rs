//! The edge of the mesh: listeners, and who answers there.

mod backend_refused;
mod certificate_missing;
mod host_claimed_twice;
mod host_not_served;
mod host_on_bytes;
mod listener_unused;
mod listeners_conflict;
mod nobody_enters;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    listeners_conflict::INFO,
    host_not_served::INFO,
    host_claimed_twice::INFO,
    certificate_missing::INFO,
    listener_unused::INFO,
    host_on_bytes::INFO,
    nobody_enters::INFO,
    backend_refused::INFO,
];

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    listeners_conflict::check(subject, out);
    host_not_served::check(subject, out);
    host_claimed_twice::check(subject, out);
    certificate_missing::check(subject, out);
    listener_unused::check(subject, out);
    host_on_bytes::check(subject, out);
    nobody_enters::check(subject, out);
    backend_refused::check(subject, out);
}
