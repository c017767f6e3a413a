//! What holds for entries of every kind.

mod invalid_regex;
mod no_ports;
mod request_on_stream;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] =
    &[request_on_stream::INFO, invalid_regex::INFO, no_ports::INFO];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    request_on_stream::check(subject, out);
    invalid_regex::check(subject, out);
    no_ports::check(subject, out);
}
