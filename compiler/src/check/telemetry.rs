//! What is written down.

mod no_collector;
mod said_twice;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[said_twice::INFO, no_collector::INFO];

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    said_twice::check(subject, out);
    no_collector::check(subject, out);
}
