use std::collections::BTreeMap;

use mesh_ir::{Inventory, Role, Scope, ServiceRef, Target, Timestamp};

use crate::algebra::RuleSet;
use crate::lower::{Lowered, LoweredAccess};
use crate::resolve::Program;
use crate::sources::Sources;
use crate::syntax::ast;

/// What is judged.
pub(crate) struct Subject<'c, 'a> {
    /// The documents by name.
    pub(crate) program: &'c Program<'a>,
    /// What they mean.
    pub(crate) lowered: &'c Lowered<'a>,
    /// Who sees what.
    pub(crate) roles: &'c [Role],
    /// What exists, where it is known.
    pub(crate) inventory: Option<&'c Inventory>,
    /// Today.
    pub(crate) now: Timestamp,
    /// The files.
    pub(crate) sources: &'c Sources,
    access_of: BTreeMap<&'c ServiceRef, Vec<&'c LoweredAccess<'a>>>,
    wide_access: Vec<&'c LoweredAccess<'a>>,
}

impl<'c, 'a> Subject<'c, 'a> {
    /// Everything that the checks look at.
    pub(crate) fn new(
        program: &'c Program<'a>,
        lowered: &'c Lowered<'a>,
        roles: &'c [Role],
        inventory: Option<&'c Inventory>,
        now: Timestamp,
        sources: &'c Sources,
    ) -> Self {
        let mut access_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut wide_access = Vec::new();
        for access in lowered.access.iter().filter(|it| !it.ir.shadow) {
            match &access.ir.target.scope {
                Scope::Service(service) => access_of.entry(service).or_default().push(access),
                Scope::Namespace(_) | Scope::Mesh => wide_access.push(access),
            }
        }
        Self {
            program,
            lowered,
            roles,
            inventory,
            now,
            sources,
            access_of,
            wide_access,
        }
    }

    /// The enforced access documents that speak of a service.
    pub(super) fn access_of(
        &self,
        service: &ServiceRef,
    ) -> impl Iterator<Item = &'c LoweredAccess<'a>> {
        let wide = self.wide_access.iter().copied();
        let wide = wide.filter(|it| it.ir.target.scope.covers(service));
        self.access_of
            .get(service)
            .into_iter()
            .flatten()
            .copied()
            .chain(wide)
    }

    /// What an entry is about, as a set.
    pub(super) fn set(
        &self,
        from: &[mesh_ir::CallerMatch],
        matches: &[mesh_ir::RequestMatch],
    ) -> RuleSet {
        RuleSet::of(from, matches, &self.lowered.settings.trust_domain)
    }
}

/// Whether everything that `narrow` speaks of, `wide` speaks of too.
pub(super) fn covers(wide: &Target, narrow: &Target) -> bool {
    let scope = match (&wide.scope, &narrow.scope) {
        (Scope::Mesh, _) => true,
        (scope, Scope::Service(service)) => scope.covers(service),
        (wide, narrow) => wide == narrow,
    };
    scope
        && wide.hosts.is_empty()
        && (wide.ports.is_empty()
            || (!narrow.ports.is_empty()
                && narrow.ports.iter().all(|port| wide.ports.contains(port))))
}

/// The rule of a forwarding action.
pub(super) fn forward(rule: &ast::Rule) -> Option<&ast::Forward> {
    match &rule.action {
        ast::Action::Forward(forward) => Some(forward),
        ast::Action::Redirect(_) | ast::Action::Respond(_) => None,
    }
}
