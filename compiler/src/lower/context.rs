use std::collections::BTreeMap;

use mesh_ir::{Name, ServiceRef, SpiffeId, TrustDomain};

use super::defaults::Defaults;
use crate::resolve::{Program, accounts};
use crate::sources::Sources;
use crate::syntax::ast::{Global, Mesh, Object, Service};

/// What lowering looks up.
pub(super) struct Context<'p> {
    /// Everything, to look up in.
    pub(super) program: &'p Program,
    /// What is lowered.
    pub(super) part: &'p Program,
    pub(super) sources: &'p Sources,
    pub(super) trust_domain: &'p TrustDomain,
    base: Defaults,
    namespaces: BTreeMap<&'p Name, Defaults>,
}

impl<'p> Context<'p> {
    pub(super) fn new(
        program: &'p Program,
        part: &'p Program,
        sources: &'p Sources,
        mesh: &'p Global<Mesh>,
    ) -> Self {
        let base = Defaults::built_in().with(&mesh.spec.defaults);
        let namespaces = mesh
            .spec
            .namespaces
            .iter()
            .map(|block| (&block.name.value, base.with(&block.defaults)))
            .collect();
        Self {
            program,
            part,
            sources,
            trust_domain: &mesh.spec.trust_domain.value,
            base,
            namespaces,
        }
    }

    /// The defaults that hold in a namespace.
    pub(super) fn defaults(&self, namespace: &Name) -> &Defaults {
        self.namespaces.get(namespace).unwrap_or(&self.base)
    }

    /// The identities of a service, sorted; empty only where an account makes none.
    pub(super) fn identities(&self, id: &ServiceRef, service: &Object<Service>) -> Vec<SpiffeId> {
        let mut ids: Vec<SpiffeId> = accounts(service)
            .filter_map(|account| {
                SpiffeId::workload(self.trust_domain, id.namespace.as_str(), account.as_str()).ok()
            })
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }
}
