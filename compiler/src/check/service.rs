//! Services by themselves.

mod authorizer_loop;
mod call_outlives_caller;
mod call_twice;
mod constant_key;
mod endpoint_twice;
mod fallback_cycle;
mod gateway_address;
mod mirror_refused;
mod port_twice;
mod versions_alike;

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic};

pub(super) const CODES: &[CodeInfo] = &[
    port_twice::INFO,
    versions_alike::INFO,
    call_outlives_caller::INFO,
    call_twice::INFO,
    endpoint_twice::INFO,
    authorizer_loop::INFO,
    mirror_refused::INFO,
    fallback_cycle::INFO,
    gateway_address::INFO,
    constant_key::INFO,
];

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    port_twice::check(subject, out);
    versions_alike::check(subject, out);
    call_outlives_caller::check(subject, out);
    call_twice::check(subject, out);
    endpoint_twice::check(subject, out);
    authorizer_loop::check(subject, out);
    mirror_refused::check(subject, out);
    fallback_cycle::check(subject, out);
    gateway_address::check(subject, out);
    constant_key::check(subject, out);
}
