//! From a program to the intermediate representation, with every default filled in.
//!
//! What cannot be lowered – a name that means nothing – is left out whole: it has
//! its diagnostic, and a rule without one of its callers would be another rule.

mod access;
mod context;
mod defaults;
mod limit;
mod matching;
mod mesh;
mod outcome;
mod route;
mod rule_id;
mod service;

pub(crate) use access::LoweredAccess;
pub(crate) use limit::LoweredLimit;
pub(crate) use route::{MAX_RULES, RoutesOf};

use std::collections::BTreeMap;

use mesh_ir::{Mesh, Role, Service, ServiceRef, Settings};

use crate::resolve::Program;
use crate::sources::Sources;
use context::Context;

/// The program in the intermediate representation, beside the documents it came from.
#[derive(Debug)]
pub(crate) struct Lowered<'a> {
    /// From the one `Mesh`.
    pub(crate) settings: Settings,
    /// By namespace and name.
    pub(crate) services: BTreeMap<ServiceRef, Service>,
    /// The routes of each service that has any, ranked.
    pub(crate) routes: BTreeMap<ServiceRef, RoutesOf<'a>>,
    /// In the order of namespace and name.
    pub(crate) access: Vec<LoweredAccess<'a>>,
    /// In the order of namespace and name.
    pub(crate) limits: Vec<LoweredLimit<'a>>,
}

/// Lowers a program; `None` without a `Mesh`, since identities need its trust domain.
pub(crate) fn lower<'a>(program: &Program<'a>, sources: &Sources) -> Option<Lowered<'a>> {
    let mesh = program.mesh?;
    let settings = mesh::lower(mesh, sources);
    let context = Context::new(program, sources, mesh);
    let services = program
        .services
        .iter()
        .filter_map(|(id, service)| Some((id.clone(), service::lower(&context, id, service)?)))
        .collect();
    Some(Lowered {
        settings,
        services,
        routes: route::lower(&context),
        access: access::lower(&context),
        limits: limit::lower(&context),
    })
}

impl Lowered<'_> {
    /// The mesh, with who sees what.
    pub(crate) fn into_mesh(self, roles: Vec<Role>) -> Mesh {
        let Self {
            settings,
            services,
            routes,
            access,
            limits,
        } = self;
        Mesh {
            settings,
            services,
            routes: routes
                .into_values()
                .flat_map(RoutesOf::into_ir)
                .map(|route| (route.id.clone(), route))
                .collect(),
            access: access
                .into_iter()
                .map(|it| (it.ir.id.clone(), it.ir))
                .collect(),
            limits: limits
                .into_iter()
                .map(|it| (it.ir.id.clone(), it.ir))
                .collect(),
            roles,
        }
    }
}
