//! The processes of a mesh, as command lines of this very program.

use std::iter::once;
use std::net::SocketAddr;
use std::path::Path;

use mesh_ir::Name;

use crate::operator_api::Operator;

use super::child::Spec;
use super::enrol::Errand;
use super::source::Source;
use super::state::{State, StateError};
use super::supervisor::Job;
use super::topology::{Placed, Topology};

/// The name of the operator's process.
pub(super) const OPERATOR: &str = "operator";
/// The name of the process behind all proxies.
pub(super) const APPLICATIONS: &str = "sample applications";

/// Where the operator listens.
#[derive(Debug, Clone, Copy)]
pub(super) struct OperatorPlace {
    /// For proxies.
    pub(super) xds: SocketAddr,
    /// For health and metrics.
    pub(super) api: SocketAddr,
}

/// The name of a workload's proxy.
pub(super) fn proxy_name(placed: &Placed) -> String {
    format!("proxy {}", placed.id())
}

/// What the files of a workload are called.
pub(super) fn file_name(placed: &Placed) -> String {
    format!("{}.{}", placed.service.namespace, placed.name)
}

/// The operator.
pub(super) fn operator(
    source: &Source,
    environment: Option<&Name>,
    state: &State,
    place: OperatorPlace,
) -> Job {
    let follow = match source {
        Source::Files(path) => vec![format!("--repo={}", text(path)), "--files".to_owned()],
        Source::Branch {
            repository,
            branch,
            directory,
        } => vec![
            format!("--repo={}", text(repository)),
            format!("--branch={branch}"),
            format!("--directory={directory}"),
            "--accept-rewrite".to_owned(),
        ],
    };
    let rest = [
        format!("--state-dir={}", text(state.path())),
        format!("--inventory={}", text(&state.inventory())),
        format!("--xds={}", place.xds),
        format!("--api={}", place.api),
    ];
    Job {
        spec: Spec {
            name: OPERATOR.to_owned(),
            arguments: once("operator".to_owned())
                .chain(follow)
                .chain(environment.map(|name| format!("--environment={name}")))
                .chain(rest)
                .collect(),
            log: state.log("operator"),
        },
        input: None,
        token: None,
    }
}

/// The proxy beside one workload.
pub(super) fn proxy(
    placed: &Placed,
    state: &State,
    operator: &Operator,
    place: OperatorPlace,
) -> Result<Job, StateError> {
    let file = file_name(placed);
    let directory = state.proxy(&file)?;
    let token = directory.join("token");
    let arguments = [
        format!("--workload={}", placed.id()),
        format!("--operator={}", place.xds),
        format!("--token-file={}", text(&token)),
        format!("--state-dir={}", text(&directory)),
        format!("--admin={}", placed.admin),
        format!("--access-log={}", text(&state.access_log(&file))),
        "--drain-seconds=3".to_owned(),
    ];
    Ok(Job {
        spec: Spec {
            name: proxy_name(placed),
            arguments: once("proxy".to_owned()).chain(arguments).collect(),
            log: state.log(&file),
        },
        input: None,
        token: Some(Errand {
            operator: operator.clone(),
            workload: placed.id(),
            file: token,
        }),
    })
}

/// The applications behind all proxies.
pub(super) fn applications(topology: &Topology, state: &State) -> Job {
    Job {
        spec: Spec {
            name: APPLICATIONS.to_owned(),
            arguments: vec!["__sample-app".to_owned()],
            log: state.log("sample-app"),
        },
        input: Some(plan(topology)),
        token: None,
    }
}

/// What the applications are told: one line.
pub(super) fn plan(topology: &Topology) -> String {
    let plan = serde_json::to_string(&topology.applications());
    plan.expect("a plan of addresses and texts is always JSON") + "\n"
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
