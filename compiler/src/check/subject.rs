use std::cell::OnceCell;
use std::collections::BTreeMap;

use mesh_ir::{Inventory, Kind, Role, Scope, ServiceRef, Target};

use crate::algebra::RuleSet;
use crate::lower::{Lowered, LoweredAccess, Size};
use crate::resolve::Program;
use crate::sources::Sources;
use crate::syntax::ast;

/// What is judged.
pub(crate) struct Subject<'c> {
    /// The documents by name.
    pub(crate) program: &'c Program,
    /// What they mean.
    pub(crate) lowered: &'c Lowered,
    /// Who sees what.
    pub(crate) roles: &'c [Role],
    /// What exists, where it is known.
    pub(crate) inventory: Option<&'c Inventory>,
    /// The files.
    pub(crate) sources: &'c Sources,
    sizes: OnceCell<BTreeMap<(Kind, &'c Scope), Size>>,
    access_of: BTreeMap<&'c ServiceRef, Vec<&'c LoweredAccess>>,
    wide_access: Vec<&'c LoweredAccess>,
}

impl<'c> Subject<'c> {
    /// Everything that the checks look at.
    pub(crate) fn new(
        program: &'c Program,
        lowered: &'c Lowered,
        roles: &'c [Role],
        inventory: Option<&'c Inventory>,
        sources: &'c Sources,
    ) -> Self {
        let mut access_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut wide_access = Vec::new();
        let enforced = lowered.access.values().map(|it| &**it);
        for access in enforced.filter(|it| !it.ir.shadow) {
            match &access.ir.target.scope {
                Scope::Service(service) => access_of.entry(service).or_default().push(access),
                Scope::Namespace(_) | Scope::Mesh => wide_access.push(access),
                Scope::Gateway(_) | Scope::External(_) => {}
            }
        }
        Self {
            program,
            lowered,
            roles,
            inventory,
            sources,
            sizes: OnceCell::new(),
            access_of,
            wide_access,
        }
    }

    /// The enforced access documents that speak of a service.
    pub(super) fn access_of(
        &self,
        service: &ServiceRef,
    ) -> impl Iterator<Item = &'c LoweredAccess> {
        let wide = self.wide_access.iter().copied();
        let wide = wide.filter(|it| it.ir.target.scope.covers(service));
        self.access_of
            .get(service)
            .into_iter()
            .flatten()
            .copied()
            .chain(wide)
    }

    /// Access and limits by what they speak of.
    pub(super) fn sizes(&self) -> &BTreeMap<(Kind, &'c Scope), Size> {
        self.sizes.get_or_init(|| sizes(self.lowered))
    }

    /// Whether what speaks of a scope is too large to be compared in pairs.
    pub(super) fn is_crowded(&self, kind: Kind, scope: &Scope) -> bool {
        let size = self.sizes().get(&(kind, scope));
        size.is_some_and(|size| size.is_too_large())
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

fn sizes(lowered: &Lowered) -> BTreeMap<(Kind, &Scope), Size> {
    let mut sizes: BTreeMap<(Kind, &Scope), Size> = BTreeMap::new();
    for access in lowered.access.values() {
        let ir = &access.ir;
        let size = sizes.entry((Kind::Access, &ir.target.scope)).or_default();
        for rule in ir.allow.iter().chain(&ir.deny).chain(&ir.audit) {
            size.add(&rule.from, &rule.matches);
        }
    }
    for object in lowered.limits.values() {
        let scope = &object.ir.target.scope;
        let size = sizes.entry((Kind::RateLimit, scope)).or_default();
        for limit in &object.ir.limits {
            size.add(&limit.from, &limit.matches);
        }
    }
    sizes
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
