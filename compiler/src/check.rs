//! What a program means, judged: one file per diagnostic, with its tests.

mod access;
mod data_plane;
mod external;
mod gateway;
mod inventory;
mod limit;
mod mesh;
mod rollout;
mod route;
mod service;
mod sets;
mod shared;
mod subject;
mod telemetry;
mod token;

pub(crate) use data_plane::NOT_ENFORCED;
pub(crate) use subject::Subject;

use mesh_ir::Timestamp;

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
    gateway::CODES,
    external::CODES,
    token::CODES,
    telemetry::CODES,
    rollout::CODES,
    data_plane::CODES,
];

/// What is found about single objects, in no order. It depends on the objects about
/// one service, on those about several, and on what every object may read (services,
/// `Mesh`, the inventory): what an edit does not concern is not judged again.
pub(crate) fn objects(subject: &Subject<'_>, section: Section) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    match section {
        Section::Routes => {
            shared::objects(subject, &mut out);
            route::objects(subject, &mut out);
        }
        Section::Others => {
            access::objects(subject, &mut out);
            limit::objects(subject, &mut out);
            mesh::objects(subject, &mut out);
            external::objects(subject, &mut out);
            token::objects(subject, &mut out);
            data_plane::objects(subject, &mut out);
        }
    }
    out
}

/// The two parts of [`objects`], about as much work as each other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Section {
    /// Routes, and what all kinds share.
    Routes,
    /// Everything else.
    Others,
}

/// What is found by looking across services or at the date, in no order; judged after
/// each edit.
pub(crate) fn whole(subject: &Subject<'_>, now: Timestamp) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    service::whole(subject, &mut out);
    route::whole(subject, &mut out);
    access::whole(subject, &mut out);
    limit::whole(subject, &mut out);
    mesh::whole(subject, now, &mut out);
    inventory::whole(subject, &mut out);
    gateway::whole(subject, &mut out);
    external::whole(subject, &mut out);
    token::whole(subject, &mut out);
    telemetry::whole(subject, &mut out);
    rollout::whole(subject, &mut out);
    out
}
