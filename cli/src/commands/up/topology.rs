//! What runs for a mesh: one workload per service and version, and where each listens.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use mesh_ir::{
    Inventory, Mesh, Name, Protocol, Service, ServiceRef, SpiffeId, Version, Workload,
    WorkloadInbound, WorkloadTcp,
};

use crate::sample_app;

/// Every workload of one `mesh up`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topology {
    /// Sorted by service, then version.
    pub(super) workloads: Vec<Placed>,
}

/// A workload and the addresses that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// Of which service.
    pub(super) service: ServiceRef,
    /// Of which version, where the service has any.
    pub(super) version: Option<Name>,
    /// Unique in its namespace, `reviews-v1`.
    pub(super) name: String,
    /// Who it is.
    pub(super) identity: SpiffeId,
    /// What its version selects by.
    pub(super) labels: BTreeMap<String, String>,
    /// The proxy's admin address.
    pub(super) admin: SocketAddr,
    /// The proxy's HTTP listener for the application.
    pub(super) outbound: SocketAddr,
    /// One per service port.
    pub(super) inbound: Vec<PlacedPort>,
    /// One per TCP port that it may call.
    pub(super) tcp: Vec<PlacedTcp>,
}

/// A port of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlacedPort {
    /// Its name in the service.
    pub(super) name: Name,
    /// What is spoken.
    pub(super) protocol: Protocol,
    /// Where the proxy listens.
    pub(super) listen: SocketAddr,
    /// Where the application listens.
    pub(super) application: SocketAddr,
}

/// A listener for a TCP service that a workload calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlacedTcp {
    /// The service.
    pub(super) service: ServiceRef,
    /// Its port's name.
    pub(super) port: Name,
    /// Its port's number.
    pub(super) number: u16,
    /// Where the proxy listens.
    pub(super) listen: SocketAddr,
}

impl Topology {
    /// Places every workload of a mesh; `address` gives each name a place that stays.
    pub(super) fn of<E>(
        mesh: &Mesh,
        mut address: impl FnMut(&str) -> Result<SocketAddr, E>,
    ) -> Result<Self, E> {
        let mut names = BTreeSet::new();
        let mut workloads = Vec::new();
        for service in mesh.services.values() {
            // Every service has an account; one without could not be anybody.
            let Some(identity) = service.accounts.first() else {
                continue;
            };
            let versions: Vec<Option<&Version>> = match service.versions.as_slice() {
                [] => vec![None],
                some => some.iter().map(Some).collect(),
            };
            for version in versions {
                let name = unique(&mut names, service, version);
                let place = Place {
                    service,
                    version,
                    identity,
                    name,
                };
                workloads.push(place.on(mesh, &mut address)?);
            }
        }
        Ok(Self { workloads })
    }

    /// The inventory as the operator reads it.
    pub(super) fn inventory(&self) -> Inventory {
        Inventory {
            workloads: self.workloads.iter().map(Placed::workload).collect(),
            ..Inventory::default()
        }
    }

    /// What the sample application serves.
    pub(super) fn applications(&self) -> sample_app::Plan {
        let ports = self.workloads.iter().flat_map(|placed| {
            placed.inbound.iter().map(|port| sample_app::Port {
                listen: port.application,
                protocol: match port.protocol {
                    Protocol::Http | Protocol::Http2 | Protocol::Grpc => sample_app::Protocol::Http,
                    Protocol::Tcp | Protocol::Tls => sample_app::Protocol::Tcp,
                },
                workload: sample_app::Workload {
                    service: placed.service.name.to_string(),
                    namespace: placed.service.namespace.to_string(),
                    version: placed.version.as_ref().map(Name::to_string),
                },
            })
        });
        sample_app::Plan {
            ports: ports.collect(),
        }
    }
}

impl Placed {
    /// `namespace/name`.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.service.namespace, self.name)
    }

    /// Its first HTTP port.
    pub(super) fn http(&self) -> Option<&PlacedPort> {
        self.inbound.iter().find(|port| port.protocol.is_http())
    }

    fn workload(&self) -> Workload {
        Workload {
            namespace: self.service.namespace.to_string(),
            name: self.name.clone(),
            service: self.service.name.to_string(),
            account: self.identity.account().map(str::to_owned),
            labels: self.labels.clone(),
            locality: None,
            admin: Some(self.admin),
            inbound: self.inbound.iter().map(PlacedPort::inventory).collect(),
            outbound: Some(self.outbound),
            tcp: self.tcp.iter().map(PlacedTcp::inventory).collect(),
        }
    }
}

impl PlacedPort {
    fn inventory(&self) -> WorkloadInbound {
        WorkloadInbound {
            port: self.name.to_string(),
            listen: self.listen,
            application: self.application,
        }
    }
}

impl PlacedTcp {
    fn inventory(&self) -> WorkloadTcp {
        WorkloadTcp {
            service: self.service.to_string(),
            port: self.port.to_string(),
            listen: self.listen,
        }
    }
}

/// A workload that has no addresses yet.
struct Place<'a> {
    service: &'a Service,
    version: Option<&'a Version>,
    identity: &'a SpiffeId,
    name: String,
}

impl Place<'_> {
    fn on<E>(
        self,
        mesh: &Mesh,
        address: &mut impl FnMut(&str) -> Result<SocketAddr, E>,
    ) -> Result<Placed, E> {
        let id = format!("{}/{}", self.service.id.namespace, self.name);
        let mut inbound = Vec::new();
        for port in &self.service.ports {
            inbound.push(PlacedPort {
                name: port.name.clone(),
                protocol: port.protocol,
                listen: address(&format!("{id}/in/{}", port.name))?,
                application: address(&format!("{id}/app/{}", port.name))?,
            });
        }
        let mut tcp = Vec::new();
        for (service, port) in tcp_ports(mesh, self.identity, &self.service.id) {
            tcp.push(PlacedTcp {
                service: service.id.clone(),
                port: port.name.clone(),
                number: port.number,
                listen: address(&format!("{id}/tcp/{}:{}", service.id, port.number))?,
            });
        }
        Ok(Placed {
            service: self.service.id.clone(),
            version: self.version.map(|version| version.name.clone()),
            identity: self.identity.clone(),
            labels: self.version.map(labels).unwrap_or_default(),
            admin: address(&format!("{id}/admin"))?,
            outbound: address(&format!("{id}/out"))?,
            name: self.name,
            inbound,
            tcp,
        })
    }
}

fn labels(version: &Version) -> BTreeMap<String, String> {
    version.labels.iter().cloned().collect()
}

/// The TCP and TLS ports in the view of a service's workloads.
fn tcp_ports<'a>(
    mesh: &'a Mesh,
    identity: &SpiffeId,
    service: &ServiceRef,
) -> impl Iterator<Item = (&'a Service, &'a mesh_ir::Port)> {
    let role = mesh.role(identity, std::slice::from_ref(service));
    let calls = role.map_or([].as_slice(), |role| &role.calls);
    let services = calls.iter().filter_map(|id| mesh.services.get(id));
    services.map(AsRef::as_ref).flat_map(|service: &Service| {
        let bytes = service.ports.iter().filter(|port| !port.protocol.is_http());
        bytes.map(move |port| (service, port))
    })
}

/// `reviews-v1`, or `reviews-v1-2` beside a service that is called `reviews-v1`.
fn unique(
    names: &mut BTreeSet<(Name, String)>,
    service: &Service,
    version: Option<&Version>,
) -> String {
    let plain = match version {
        Some(version) => format!("{}-{}", service.id.name, version.name),
        None => service.id.name.to_string(),
    };
    let candidates = (2..).map(|n| format!("{plain}-{n}"));
    std::iter::once(plain.clone())
        .chain(candidates)
        .find(|name| names.insert((service.id.namespace.clone(), name.clone())))
        .unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intents::{compile_directory, now};
    use mesh_compiler::Options;
    use sample_app::Protocol::{Http, Tcp};
    use std::convert::Infallible;

    const INTENTS: &str = "
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec: {trustDomain: shop.example}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 9080}
  versions:
    v1: {}
    v2: {labels: {track: next}}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  ports: {tcp: 5432}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: db, namespace: shop}
spec:
  service: db
  allow: [{from: [{service: reviews}]}]
";

    fn topology() -> Topology {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("mesh.yaml"), INTENTS).unwrap();
        let options = Options::at(now());
        let compilation = compile_directory(directory.path(), options).unwrap();
        let mesh = compilation
            .mesh
            .unwrap_or_else(|| panic!("{:?}", compilation.diagnostics));
        let mut port = 10_000;
        let address = |_: &str| {
            port += 1;
            Ok::<_, Infallible>(SocketAddr::from(([127, 0, 0, 1], port)))
        };
        Topology::of(&mesh, address).unwrap()
    }

    #[test]
    fn every_service_and_version_runs_once() {
        let ids: Vec<_> = topology().workloads.iter().map(Placed::id).collect();
        assert_eq!(
            ids,
            ["shop/db", "shop/page", "shop/reviews-v1", "shop/reviews-v2"]
        );
    }

    #[test]
    fn a_version_carries_its_labels_and_a_caller_its_tcp_listener() {
        let topology = topology();
        let inventory = topology.inventory();
        let v2 = &inventory.workloads[3];
        assert_eq!(v2.labels, BTreeMap::from([("track".into(), "next".into())]));
        assert_eq!(
            (v2.tcp[0].service.as_str(), v2.tcp[0].port.as_str()),
            ("db.shop", "tcp")
        );
        assert_eq!(
            inventory.workloads[1].tcp,
            [],
            "page may not call the database"
        );
        assert_eq!(inventory.workloads[1].inbound, [], "page has no ports");
    }

    #[test]
    fn a_sample_application_stands_behind_each_port() {
        let applications = topology().applications();
        let protocols: Vec<_> = applications
            .ports
            .iter()
            .map(|port| port.protocol)
            .collect();
        assert_eq!(protocols, [Tcp, Http, Http]);
        assert_eq!(
            applications.ports[1].workload.version.as_deref(),
            Some("v1")
        );
    }
}
