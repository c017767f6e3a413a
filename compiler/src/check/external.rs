//! What is outside of the mesh.

mod no_border;
mod nobody_leaves;
mod secret_in_plain_text;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    secret_in_plain_text::INFO,
    nobody_leaves::INFO,
    no_border::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    secret_in_plain_text::check(subject, out);
}

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    nobody_leaves::check(subject, out);
    no_border::check(subject, out);
}
