use std::collections::BTreeMap;

use mesh_ir::{
    Bundle, Digest, Endpoints, Listeners, ServiceRef, Snapshot, TrustDomain, TrustRoots,
};

use super::named;
use crate::invalid::InvalidMember;
use crate::session::resources::bundle_resource;
use crate::{
    BUNDLE_NAME, ResourceType, encode_endpoints, encode_listeners, encode_trust_roots, hash,
};

/// What a proxy holds: in memory across streams, on disk across its own restarts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holdings {
    /// What it enforces.
    pub active: Option<ActiveBundle>,
    /// Where the services in its view are.
    pub endpoints: BTreeMap<ServiceRef, Endpoints>,
    /// Who vouches.
    pub trust_roots: BTreeMap<TrustDomain, TrustRoots>,
    /// Where it listens.
    pub listeners: Option<Listeners>,
}

/// A bundle that is enforced, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveBundle {
    /// Which.
    pub bundle: Bundle,
    /// What it says.
    pub snapshot: Snapshot,
}

fn service_name(service: &ServiceRef) -> String {
    format!("{}/{}", service.namespace, service.name)
}

impl Holdings {
    /// Names and versions of facts and of the active bundle.
    pub(super) fn versions(&self, kind: ResourceType) -> Vec<(String, Digest)> {
        match kind {
            ResourceType::Bundle => self
                .active
                .iter()
                .map(|it| (BUNDLE_NAME.to_owned(), bundle_resource(&it.bundle).version))
                .collect(),
            ResourceType::Endpoints => self
                .endpoints
                .values()
                .map(|it| (service_name(&it.service), hash(&encode_endpoints(it))))
                .collect(),
            ResourceType::TrustRoots => self
                .trust_roots
                .values()
                .map(|it| (it.trust_domain.to_string(), hash(&encode_trust_roots(it))))
                .collect(),
            ResourceType::Listeners => self
                .listeners
                .iter()
                .map(|it| (it.workload.clone(), hash(&encode_listeners(it))))
                .collect(),
            ResourceType::Member(_) => vec![],
        }
    }

    pub(super) fn take_endpoints(
        &mut self,
        name: &str,
        endpoints: Endpoints,
    ) -> Result<ServiceRef, InvalidMember> {
        named(name, &service_name(&endpoints.service))?;
        let service = endpoints.service.clone();
        self.endpoints.insert(service.clone(), endpoints);
        Ok(service)
    }

    pub(super) fn remove_endpoints(&mut self, names: &[String]) -> Vec<ServiceRef> {
        self.endpoints
            .extract_if(.., |service, _| names.contains(&service_name(service)))
            .map(|(service, _)| service)
            .collect()
    }

    pub(super) fn take_trust_roots(
        &mut self,
        name: &str,
        roots: TrustRoots,
    ) -> Result<(), InvalidMember> {
        named(name, roots.trust_domain.as_str())?;
        self.trust_roots.insert(roots.trust_domain.clone(), roots);
        Ok(())
    }

    pub(super) fn remove_trust_roots(&mut self, names: &[String]) {
        self.trust_roots
            .retain(|domain, _| !names.iter().any(|name| name == domain.as_str()));
    }

    pub(super) fn take_listeners(
        &mut self,
        workload: &str,
        listeners: Listeners,
    ) -> Result<(), InvalidMember> {
        named(workload, &listeners.workload)?;
        self.listeners = Some(listeners);
        Ok(())
    }
}
