//! What `mesh up` says when everything is ready.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::table::table;

use super::topology::{Placed, Topology};

/// The first line of `--output json`; its shape is a contract.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Also the operator's, for `status`, `drift` and `token`.
    pub(super) state_dir: PathBuf,
    /// The operator.
    pub(super) operator: OperatorReport,
    /// Every workload.
    pub(super) workloads: Vec<WorkloadReport>,
}

/// The operator's addresses.
#[derive(Debug, Serialize)]
pub(super) struct OperatorReport {
    pub(super) xds: SocketAddr,
    pub(super) api: SocketAddr,
    pub(super) pid: u32,
}

/// A workload's addresses.
#[derive(Debug, Serialize)]
pub(super) struct WorkloadReport {
    namespace: String,
    service: String,
    version: Option<String>,
    identity: String,
    pid: u32,
    admin: SocketAddr,
    /// The JSON access log.
    log: PathBuf,
    /// The listener of the first HTTP port.
    inbound: Option<SocketAddr>,
    outbound: SocketAddr,
    /// The listener of each service port.
    ports: BTreeMap<String, SocketAddr>,
    /// The listener for each TCP service, `db.shop:5432`.
    tcp: BTreeMap<String, SocketAddr>,
}

impl WorkloadReport {
    /// What is told of a workload.
    pub(super) fn of(placed: &Placed, pid: u32, log: PathBuf) -> Self {
        let ports = placed.inbound.iter();
        let tcp = placed.tcp.iter();
        Self {
            namespace: placed.service.namespace.to_string(),
            service: placed.service.name.to_string(),
            version: placed.version.as_ref().map(ToString::to_string),
            identity: placed.identity.to_string(),
            pid,
            admin: placed.admin,
            log,
            inbound: placed.http().map(|port| port.listen),
            outbound: placed.outbound,
            ports: ports
                .map(|port| (port.name.to_string(), port.listen))
                .collect(),
            tcp: tcp
                .map(|tcp| (format!("{}:{}", tcp.service, tcp.number), tcp.listen))
                .collect(),
        }
    }
}

/// Where everything listens, for people.
pub(super) fn text(report: &Report, topology: &Topology) -> String {
    let rows = topology.workloads.iter().map(|placed| {
        let inbound = placed.inbound.iter();
        let inbound = inbound.map(|port| format!("{} {}", port.name, port.listen));
        [
            placed.id(),
            placed.outbound.to_string(),
            inbound.collect::<Vec<_>>().join(", "),
            placed.admin.to_string(),
        ]
    });
    let workloads = table(["workload", "outbound", "inbound (mTLS)", "admin"], rows);
    let tcp: Vec<_> = topology.workloads.iter().flat_map(tcp_rows).collect();
    let tcp = if tcp.is_empty() {
        String::new()
    } else {
        format!("\n{}", table(["workload", "TCP service", "listener"], tcp))
    };
    let OperatorReport { xds, api, .. } = report.operator;
    let state = report.state_dir.display();
    format!(
        "{workloads}{tcp}\noperator  xDS {xds}, health and metrics http://{api}\n\
         state     {state}\nlogs      {state}/logs\n"
    )
}

fn tcp_rows(placed: &Placed) -> impl Iterator<Item = [String; 3]> {
    placed.tcp.iter().map(|tcp| {
        let service = format!("{}:{}", tcp.service, tcp.number);
        [placed.id(), service, tcp.listen.to_string()]
    })
}
