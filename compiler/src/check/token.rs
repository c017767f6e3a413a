//! Tokens: who asks for them, and what they are signed with.

mod claim_without_issuer;
mod keys_elsewhere;
mod keys_unreadable;
mod unused_issuer;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    claim_without_issuer::INFO,
    unused_issuer::INFO,
    keys_elsewhere::INFO,
    keys_unreadable::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    claim_without_issuer::check(subject, out);
}

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    unused_issuer::check(subject, out);
    keys_elsewhere::check(subject, out);
    keys_unreadable::check(subject, out);
}
