//! What a program means, judged: one file per diagnostic, with its tests.

mod access;
mod inventory;
mod limit;
mod mesh;
mod route;
mod service;
mod shared;
mod subject;

pub(crate) use subject::Subject;

use crate::diagnostic::{CodeInfo, Diagnostic};

/// The codes of this phase.
pub(crate) const CODES: &[&[CodeInfo]] = &[
    shared::CODES,
    service::CODES,
    route::CODES,
    access::CODES,
    limit::CODES,
    mesh::CODES,
    inventory::CODES,
];

/// Every finding, in no order.
pub(crate) fn check(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    shared::check(subject, &mut out);
    service::check(subject, &mut out);
    route::check(subject, &mut out);
    access::check(subject, &mut out);
    limit::check(subject, &mut out);
    mesh::check(subject, &mut out);
    inventory::check(subject, &mut out);
    out
}
