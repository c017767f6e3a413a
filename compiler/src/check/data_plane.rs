//! What the data plane of this version does not carry out is an error, never silence.

mod not_enforced;
mod written;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(crate) use not_enforced::INFO as NOT_ENFORCED;

pub(super) const CODES: &[CodeInfo] = &[not_enforced::INFO];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    not_enforced::check(subject, out);
}
