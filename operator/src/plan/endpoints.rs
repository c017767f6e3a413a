use std::collections::BTreeMap;

use mesh_ir::{Endpoint, Endpoints, Inventory, Mesh, Name, Service, ServiceRef, StaticEndpoint};

/// The endpoints of every service, an empty list included.
///
/// What the inventory knows of a service replaces what its intent writes:
/// endpoints of an intent are used where no workload of the inventory is there.
pub(super) fn of(mesh: &Mesh, inventory: &Inventory) -> BTreeMap<ServiceRef, Endpoints> {
    let mut running: BTreeMap<ServiceRef, Vec<Endpoint>> = BTreeMap::new();
    for workload in &inventory.workloads {
        let Ok((service, identity)) = super::identity_of(mesh, workload) else {
            continue;
        };
        let mut ports: Vec<_> = workload
            .inbound
            .iter()
            .filter_map(|it| Some((Name::parse(&it.port).ok()?, it.listen)))
            .collect();
        ports.sort();
        running.entry(service).or_default().push(Endpoint {
            workload: super::workload_id(workload),
            identity,
            ports,
            labels: workload.labels.clone().into_iter().collect(),
            locality: workload.locality.clone(),
            weight: 1,
            healthy: true,
        });
    }
    let endpoints = |service: &Service| {
        let mut endpoints = running.remove(&service.id).unwrap_or_else(|| {
            let written = service.endpoints.iter();
            written.filter_map(|it| written_in(service, it)).collect()
        });
        endpoints.sort();
        let service = service.id.clone();
        (service.clone(), Endpoints { service, endpoints })
    };
    mesh.services.values().map(endpoints).collect()
}

/// An endpoint of an intent. It stands for a workload that proves to be the
/// service's first account, and carries the labels of its version.
fn written_in(service: &Service, written: &StaticEndpoint) -> Option<Endpoint> {
    let (_, address) = written.ports.first()?;
    let version = written
        .version
        .as_ref()
        .and_then(|name| service.version(name));
    Some(Endpoint {
        workload: format!("{}/{}@{address}", service.id.namespace, service.id.name),
        identity: service.accounts.first()?.clone(),
        ports: written.ports.clone(),
        labels: version
            .map(|version| version.labels.clone())
            .unwrap_or_default(),
        locality: written.locality.clone(),
        weight: written.weight,
        healthy: true,
    })
}
