//! From documents to a program: each document by what it is called, and whom its
//! names mean. Ownership is judged here, since it goes by names alone.

mod entry;
mod listener;
mod names;
mod ownership;
mod ports;
mod program;
mod references;
mod route_target;

pub(crate) use entry::{Entry, Section, target_service};
pub(crate) use listener::{listener_name, listener_span};
pub(crate) use ports::{
    authorizer_port, grpc_port, health_port, http_port, named_or_all, ports_in_force, stream_port,
};
pub(crate) use program::{Program, accounts, collector, gateway_accounts};
pub(crate) use route_target::RouteTarget;

use crate::diagnostic::{CodeInfo, Diagnostic};
use crate::sources::Sources;
use crate::syntax::Parsed;

/// The codes of this phase.
pub(crate) const CODES: &[CodeInfo] = &[
    names::duplicate::INFO,
    names::mesh_count::INFO,
    names::host_taken::INFO,
    names::entry_name_twice::INFO,
    references::unknown_service::INFO,
    references::unknown_version::INFO,
    references::unknown_port::INFO,
    references::shared_account::INFO,
    references::ports_required::INFO,
    references::unknown_gateway::INFO,
    references::unknown_external::INFO,
    references::unknown_issuer::INFO,
    references::not_attached::INFO,
    names::external_host_taken::INFO,
    references::no_fitting_port::INFO,
    names::rollout_count::INFO,
    references::gateway_backend::INFO,
    ownership::reserved::INFO,
    ownership::not_owned::INFO,
    ownership::owned_twice::INFO,
    ownership::mesh_only::INFO,
    ownership::host_owned::INFO,
    ownership::route_host_owned::INFO,
];

/// What is found about the names of single objects; see `check::objects`.
pub(crate) fn objects(program: &Program) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    names::entry_name_twice::check(program, &mut out);
    references::unknown_service::check(program, &mut out);
    references::unknown_version::check(program, &mut out);
    references::unknown_port::check(program, &mut out);
    references::shared_account::check(program, &mut out);
    references::ports_required::check(program, &mut out);
    references::unknown_gateway::check(program, &mut out);
    references::unknown_external::check(program, &mut out);
    references::unknown_issuer::check(program, &mut out);
    references::not_attached::check(program, &mut out);
    references::no_fitting_port::check(program, &mut out);
    references::gateway_backend::check(program, &mut out);
    out
}

/// What is found about names by looking across documents.
pub(crate) fn whole(program: &Program, parsed: &Parsed, sources: &Sources) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    names::duplicate::check(program, &mut out);
    names::mesh_count::check(program, &mut out);
    names::host_taken::check(program, &mut out);
    names::external_host_taken::check(program, &mut out);
    names::rollout_count::check(program, &mut out);
    ownership::check(program, parsed, sources, &mut out);
    out
}
