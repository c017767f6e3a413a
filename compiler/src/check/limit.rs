//! How much is allowed.

mod chosen_key;
mod never_triggers;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[never_triggers::INFO, chosen_key::INFO];

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    never_triggers::check(subject, out);
    chosen_key::check(subject, out);
}
