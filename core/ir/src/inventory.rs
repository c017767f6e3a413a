use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// What exists: workloads, where they listen and what labels they carry.
///
/// As written in an inventory file (YAML or JSON, `workloads:` with a list).
/// Names are checked where the inventory is joined with the intents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// Every workload that takes part in the mesh.
    pub workloads: Vec<Workload>,
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
