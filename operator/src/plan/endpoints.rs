use std::collections::BTreeMap;

use mesh_ir::{Endpoint, Endpoints, Inventory, Mesh, Name, ServiceRef};

/// Where the workloads of every service are, an empty list included.
///
/// Endpoints that an intent writes are not here: they are part of the `Service`
/// member and change with its bundle.
pub(super) fn of(mesh: &Mesh, inventory: &Inventory) -> BTreeMap<ServiceRef, Endpoints> {
    let none = |service: &ServiceRef| Endpoints {
        service: service.clone(),
        endpoints: Vec::new(),
    };
    let mut all: BTreeMap<ServiceRef, Endpoints> = mesh
        .services
        .keys()
        .map(|service| (service.clone(), none(service)))
        .collect();
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
        let endpoint = Endpoint {
            workload: super::workload_id(workload),
            identity,
            ports,
            labels: workload.labels.clone().into_iter().collect(),
            locality: workload.locality.clone(),
            weight: 1,
            healthy: true,
        };
        if let Some(it) = all.get_mut(&service) {
            it.endpoints.push(endpoint);
        }
    }
    for it in all.values_mut() {
        it.endpoints.sort();
    }
    all
}
