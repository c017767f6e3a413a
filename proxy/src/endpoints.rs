use std::collections::BTreeMap;
use std::net::SocketAddr;

use mesh_decide::{PortIndex, ServiceIndex, Tables};
use mesh_ir::{Endpoints, Name, Service, ServiceRef, Version};
use sha2::{Digest as _, Sha256};

/// Where each port of each service in view is: what the inventory has found of the
/// service, else the endpoints that its intent writes; never both. Belongs to the
/// tables it was built for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EndpointTable {
    /// By the positions of service and port in the tables.
    services: Vec<Vec<Vec<Target>>>,
}

/// One place that serves one port of one service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// Its mTLS listener.
    pub address: SocketAddr,
    /// Stays with its address, for choices by a key.
    pub mark: u64,
    /// At least 1.
    pub weight: u32,
    /// Whether it may be given requests.
    pub healthy: bool,
    /// The positions of the versions that it is an instance of. Sorted.
    pub versions: Vec<usize>,
}

impl EndpointTable {
    /// Joins the services of these tables with what the inventory says of them.
    pub(crate) fn build<'a>(
        tables: &Tables,
        facts: impl IntoIterator<Item = &'a Endpoints>,
    ) -> Self {
        let facts: BTreeMap<&ServiceRef, &Endpoints> =
            facts.into_iter().map(|it| (&it.service, it)).collect();
        let services = tables.services().map(|(_, service)| {
            let known = facts.get(&service.id).copied();
            let ports = service.ports.iter();
            ports
                .map(|port| targets(service, &port.name, known))
                .collect()
        });
        Self {
            services: services.collect(),
        }
    }

    /// The places that serve a port, sorted by address; empty if none are known.
    pub(crate) fn targets(&self, service: ServiceIndex, port: PortIndex) -> &[Target] {
        self.targets_at(service, port.position())
    }

    /// The same, for the position of a port in its service.
    pub(crate) fn targets_at(&self, service: ServiceIndex, port: usize) -> &[Target] {
        self.services
            .get(service.position())
            .and_then(|ports| ports.get(port))
            .map_or(&[], Vec::as_slice)
    }
}

/// The same in every proxy and at every start.
fn mark(address: &SocketAddr) -> u64 {
    let digest = Sha256::digest(address.to_string());
    u64::from_be_bytes(*digest.first_chunk().expect("a SHA-256 has 32 bytes"))
}

/// What the inventory knows of a service takes the place of what its intent writes,
/// for all of its ports: `mesh up` is an inventory of its own for whatever
/// repository it runs. An empty list is no knowledge.
fn targets(service: &Service, port: &Name, facts: Option<&Endpoints>) -> Vec<Target> {
    let is_known = facts.is_some_and(|facts| !facts.endpoints.is_empty());
    let address_of = |ports: &[(Name, SocketAddr)]| {
        let mut ports = ports.iter();
        ports.find(|(name, _)| name == port).map(|it| it.1)
    };
    let positions = |is: &dyn Fn(&Version) -> bool| {
        let versions = service.versions.iter().enumerate();
        versions.filter(|(_, it)| is(it)).map(|it| it.0).collect()
    };
    let written = service.endpoints().iter().filter(|_| !is_known);
    let written = written.filter_map(|endpoint| {
        let address = address_of(&endpoint.ports)?;
        Some(Target {
            address,
            mark: mark(&address),
            weight: endpoint.weight,
            healthy: true,
            versions: positions(&|version| endpoint.version.as_ref() == Some(&version.name)),
        })
    });
    let found = facts.into_iter().flat_map(|facts| &facts.endpoints);
    let found = found.filter_map(|endpoint| {
        let address = address_of(&endpoint.ports)?;
        Some(Target {
            address,
            mark: mark(&address),
            weight: endpoint.weight,
            healthy: endpoint.healthy,
            versions: positions(&|version| endpoint.has_labels(&version.labels)),
        })
    });
    let mut targets: Vec<Target> = written.chain(found).collect();
    targets.sort();
    targets.dedup_by(|a, b| a.address == b.address);
    targets
}
