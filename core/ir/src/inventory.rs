use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// What exists: workloads, where they listen and what labels they carry; and, where a
/// platform knows them, its services and service accounts.
///
/// As written in an inventory file (YAML or JSON; `docs/inventory.md`). Names are checked
/// where the inventory is joined with the intents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// Every workload that takes part in the mesh.
    #[serde(default)]
    pub workloads: Vec<Workload>,
    /// The services of the platform; `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<InventoryService>>,
    /// The service accounts of the platform; `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<InventoryAccount>>,
}

/// A service as the platform has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InventoryService {
    /// Its namespace.
    pub namespace: String,
    /// Its name there.
    pub name: String,
    /// What it listens on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<InventoryPort>,
}

/// A port of a service as the platform has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct InventoryPort {
    /// As the platform names it; what stands before a hyphen may be a protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What callers connect to.
    pub port: u16,
    /// Where the application listens; left out: the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_port: Option<u16>,
    /// `appProtocol`; stronger than the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_protocol: Option<String>,
}

/// A service account of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name there.
    pub name: String,
}

/// One running instance of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Its namespace.
    pub namespace: String,
    /// Unique in its namespace, `reviews-v1`.
    pub name: String,
    /// The service of the same namespace that it is an instance of.
    pub service: String,
    /// One of the service's accounts; left out: the service's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What versions select by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// `region/zone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The proxy's admin address, on loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<SocketAddr>,
    /// The proxy's mTLS listeners, one per service port.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbound: Vec<WorkloadInbound>,
    /// The proxy's HTTP listener for the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbound: Option<SocketAddr>,
    /// The proxy's listeners for the TCP services that the application calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tcp: Vec<WorkloadTcp>,
}

/// Where one service port of a workload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadInbound {
    /// The port's name in the service.
    pub port: String,
    /// Where the proxy listens for callers.
    pub listen: SocketAddr,
    /// Where the application listens, on loopback.
    pub application: SocketAddr,
}

/// A local listener for a TCP service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadTcp {
    /// `name.namespace` of the service called.
    pub service: String,
    /// The port's name in the service.
    pub port: String,
    /// Where the proxy listens, on loopback.
    pub listen: SocketAddr,
}
