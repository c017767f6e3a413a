//! Where requests go.

mod backend_cycle;
mod backend_not_visible;
mod backend_port;
mod callee_outlives;
mod capture_missing;
mod dead_rule;
mod empty_rule;
mod overlap;
mod redundant_rule;
mod request_action_on_stream;
mod retries_multiply;
mod retries_never;
mod template_tail;
mod try_outlives_exchange;
mod undecided;
mod version_unreached;
mod weights;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    weights::INFO,
    overlap::INFO,
    redundant_rule::INFO,
    dead_rule::INFO,
    empty_rule::INFO,
    undecided::INFO,
    retries_multiply::INFO,
    callee_outlives::INFO,
    retries_never::INFO,
    try_outlives_exchange::INFO,
    capture_missing::INFO,
    template_tail::INFO,
    backend_cycle::INFO,
    backend_not_visible::INFO,
    backend_port::INFO,
    version_unreached::INFO,
    request_action_on_stream::INFO,
];

pub(super) fn objects(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    weights::check(subject, out);
    overlap::check(subject, out);
    redundant_rule::check(subject, out);
    dead_rule::check(subject, out);
    empty_rule::check(subject, out);
    undecided::check(subject, out);
    retries_never::check(subject, out);
    try_outlives_exchange::check(subject, out);
    capture_missing::check(subject, out);
    template_tail::check(subject, out);
    backend_port::check(subject, out);
    version_unreached::check(subject, out);
    request_action_on_stream::check(subject, out);
}

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    backend_cycle::check(subject, out);
    backend_not_visible::check(subject, out);
    retries_multiply::check(subject, out);
    callee_outlives::check(subject, out);
}
