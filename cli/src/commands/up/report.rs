//! What `mesh up` says when everything is ready.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use mesh_ir::{Mesh, RequestMatch, Who};
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
    let mut text = table(["workload", "outbound", "inbound (mTLS)", "admin"], rows);
    let tcp: Vec<_> = topology.workloads.iter().flat_map(tcp_rows).collect();
    if !tcp.is_empty() {
        text.push('\n');
        text += &table(["workload", "TCP service", "listener"], tcp);
    }
    text += &format!(
        "\noperator  xDS {}, health and metrics http://{}\nstate     {}\nlogs      {}\n",
        report.operator.xds,
        report.operator.api,
        report.state_dir.display(),
        report.state_dir.join("logs").display(),
    );
    text
}

fn tcp_rows(placed: &Placed) -> impl Iterator<Item = [String; 3]> {
    placed.tcp.iter().map(|tcp| {
        let service = format!("{}:{}", tcp.service, tcp.number);
        [placed.id(), service, tcp.listen.to_string()]
    })
}

/// Commands that a person may try, with a request that this mesh allows.
pub(super) fn hints(mesh: &Mesh, topology: &Topology, path: &Path, state_dir: &Path) -> String {
    let mut text = String::from("\nTry it:\n");
    if let Some(call) = allowed_call(mesh, topology) {
        let Call {
            caller,
            method,
            host,
            path: target,
        } = &call;
        let method_flag = match method.as_str() {
            "GET" => String::new(),
            other => format!("-X {other} "),
        };
        let from = format!("{}/{}", caller.service.namespace, caller.service.name);
        text += &format!(
            "  curl {method_flag}-H 'Host: {host}' http://{}{target}\n\
             \x20 mesh simulate --path {} --from {from} {method} http://{host}{target}\n",
            caller.outbound,
            path.display(),
        );
    }
    text + &format!("  mesh status --state-dir {}\n", state_dir.display())
}

/// A request that an `allow` entry names outright.
struct Call<'a> {
    caller: &'a Placed,
    method: String,
    host: String,
    path: String,
}

fn allowed_call<'a>(mesh: &Mesh, topology: &'a Topology) -> Option<Call<'a>> {
    let allows = mesh.access.values().filter(|access| !access.shadow);
    let mut rules = allows.flat_map(|access| access.allow.iter().map(move |rule| (access, rule)));
    rules.find_map(|(access, rule)| {
        let mesh_ir::Scope::Service(called) = &access.target.scope else {
            return None;
        };
        let http = |placed: &&Placed| placed.service == *called && placed.http().is_some();
        topology.workloads.iter().find(http)?;
        let Who::Service { service, .. } = &rule.from.first()?.who else {
            return None;
        };
        let caller = topology
            .workloads
            .iter()
            .find(|placed| placed.service == *service)?;
        let (method, path) = example(rule.matches.first())?;
        Some(Call {
            caller,
            method,
            host: called.to_string(),
            path,
        })
    })
}

/// A method and a path that a `match` entry covers, if it asks for nothing else.
fn example(entry: Option<&RequestMatch>) -> Option<(String, String)> {
    let Some(entry) = entry else {
        return Some(("GET".to_owned(), "/".to_owned()));
    };
    if !(entry.headers.is_empty() && entry.query.is_empty() && entry.cookies.is_empty()) {
        return None;
    }
    let method = entry.methods.first().map_or("GET", String::as_str);
    let path = match entry.paths.first().map(ToString::to_string) {
        Some(pattern) if !pattern.starts_with('/') => return None,
        Some(pattern) => pattern.replace("/**", "/").replace('*', "1"),
        None => "/".to_owned(),
    };
    Some((method.to_owned(), path))
}
