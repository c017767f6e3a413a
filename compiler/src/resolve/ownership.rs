//! Who may say what. A file may only speak for what the team of its directory owns.

pub(super) mod host_owned;
pub(super) mod mesh_only;
pub(super) mod not_owned;
pub(super) mod owned_twice;
pub(super) mod reserved;
pub(super) mod route_host_owned;
mod teams;

use crate::diagnostic::Diagnostic;
use crate::sources::Sources;
use crate::syntax::Parsed;
use crate::syntax::ast::{AllOf, Document, Target, TargetScope};

use super::Program;
use teams::Teams;

/// Every check of this folder.
pub(super) fn check(
    program: &Program,
    parsed: &Parsed,
    sources: &Sources,
    out: &mut Vec<Diagnostic>,
) {
    for document in parsed.documents() {
        reserved::check(document, out);
    }
    if program.teams.is_empty() || program.team_may_be_broken() {
        return;
    }
    owned_twice::check(program, out);
    let teams = Teams::of(program);
    for document in parsed.documents() {
        let writer = teams.of_file(sources.path(document.span().file));
        if is_global(document) {
            mesh_only::check(document, writer, &teams, out);
        } else {
            not_owned::check(document, writer, &teams, out);
        }
    }
    host_owned::check(program, &teams, out);
    route_host_owned::check(program, &teams, out);
}

/// Whether only the team of the mesh writes it.
fn is_global(document: &Document) -> bool {
    let all_mesh = |target: &Target| match &target.scope {
        TargetScope::All(all) => all.value == AllOf::Mesh,
        TargetScope::Service(_) | TargetScope::Gateway(_) | TargetScope::External(_) => false,
    };
    match document {
        Document::Access(it) => all_mesh(&it.spec.target),
        Document::RateLimit(it) => all_mesh(&it.spec.target),
        Document::Telemetry(it) => all_mesh(&it.spec.target),
        other => !other.kind().has_namespace(),
    }
}
