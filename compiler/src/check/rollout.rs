//! How a commit reaches the fleet.

mod wave_adds_nobody;
mod waves_incomplete;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[waves_incomplete::INFO, wave_adds_nobody::INFO];

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    waves_incomplete::check(subject, out);
    wave_adds_nobody::check(subject, out);
}
