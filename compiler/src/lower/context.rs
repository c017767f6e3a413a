use std::collections::BTreeMap;

use mesh_ir::{MtlsMode, Name, SpiffeId, TrustDomain};

use super::defaults::Defaults;
use crate::resolve::Program;
use crate::sources::Sources;
use crate::syntax::ast::{self, Global, Mesh, Mtls};

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
    mtls: MtlsMode,
    mtls_of: BTreeMap<&'p Name, MtlsMode>,
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
        let mtls_of = mesh.spec.namespaces.iter();
        let mtls_of = mtls_of.filter_map(|block| Some((&block.name.value, block.mtls.as_ref()?)));
        Self {
            mtls: mesh.spec.mtls.as_ref().map_or(MtlsMode::Strict, mtls_mode),
            mtls_of: mtls_of.map(|(name, it)| (name, mtls_mode(it))).collect(),
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

    /// What a port takes: what it says, else its namespace, else the mesh.
    pub(super) fn mtls(&self, namespace: &Name, port: Option<&Mtls>) -> MtlsMode {
        let inherited = || self.mtls_of.get(namespace).copied();
        let own = port.map(mtls_mode).or_else(inherited);
        own.unwrap_or(self.mtls)
    }

    /// The identities of accounts, sorted; empty only where an account makes none.
    pub(super) fn identities<'a>(
        &self,
        namespace: &Name,
        accounts: impl Iterator<Item = &'a Name>,
    ) -> Vec<SpiffeId> {
        let mut ids: Vec<SpiffeId> = accounts
            .filter_map(|account| {
                SpiffeId::workload(self.trust_domain, namespace.as_str(), account.as_str()).ok()
            })
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }
}

fn mtls_mode(written: &Mtls) -> MtlsMode {
    match written.mode.value {
        ast::MtlsMode::Strict => MtlsMode::Strict,
        ast::MtlsMode::Permissive => MtlsMode::Permissive,
    }
}
