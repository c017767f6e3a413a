//! From documents to a program: each document by what it is called, and whom its
//! names mean. Ownership is judged here, since it goes by names alone.

mod entry;
mod names;
mod ownership;
mod ports;
mod program;
mod references;

pub(crate) use entry::{Section, target_service};
pub(crate) use ports::{http_port_without_number, ports_in_force, stream_port};
pub(crate) use program::{Program, accounts};

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
    ownership::reserved::INFO,
    ownership::not_owned::INFO,
    ownership::owned_twice::INFO,
    ownership::mesh_only::INFO,
    ownership::host_owned::INFO,
];

/// The program that the documents make, and what is wrong with their names.
pub(crate) fn resolve(parsed: &Parsed, sources: &Sources) -> (Program, Vec<Diagnostic>) {
    let (program, mut out) = Program::of(parsed);
    names::mesh_count::check(&program, &mut out);
    names::host_taken::check(&program, &mut out);
    names::entry_name_twice::check(&program, &mut out);
    references::unknown_service::check(&program, &mut out);
    references::unknown_version::check(&program, &mut out);
    references::unknown_port::check(&program, &mut out);
    references::shared_account::check(&program, &mut out);
    references::ports_required::check(&program, &mut out);
    ownership::check(&program, parsed, sources, &mut out);
    (program, out)
}
