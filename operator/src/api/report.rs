//! The JSON shapes: contracts. Fields are added and never change their meaning.

use std::net::SocketAddr;

use mesh_compiler::render::Record;
use mesh_ir::Bundle;
use serde::Serialize;

use crate::observe::{self, ProxyStatus};
use crate::pipeline::{self, Condition};
use crate::plan::Plan;
use crate::store::{CommitRecord, Outcome};

/// `GET /v1/status`.
#[derive(Serialize)]
pub(super) struct Status {
    /// Newest first; those with an outcome.
    commits: Vec<Commit>,
    proxies: Vec<Proxy>,
    /// The commit that the fleet is told, if there is one.
    live: Option<String>,
    source: Health,
    inventory: Health,
    /// Workloads of the inventory that the live commit does not know.
    unplanned: Vec<Unplanned>,
    operator: Operator,
}

#[derive(Serialize)]
struct Commit {
    id: String,
    outcome: Outcome,
    diagnostics: Vec<Record>,
    author: String,
    summary: String,
    /// Of the commit itself.
    time: Option<String>,
    /// When the operator saw it.
    seen: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Proxy {
    workload: String,
    identity: String,
    /// What it enforces; `None` where it never said.
    commit: Option<String>,
    epoch: Option<u64>,
    digest: Option<String>,
    state: &'static str,
    certificate: Option<Certificate>,
    /// Of a refusal.
    reason: Option<String>,
}

#[derive(Serialize)]
struct Certificate {
    not_after: String,
}

#[derive(Serialize)]
struct Health {
    ok: bool,
    reason: Option<&'static str>,
    message: Option<String>,
    since: Option<String>,
}

#[derive(Serialize)]
struct Unplanned {
    workload: String,
    reason: String,
}

#[derive(Serialize)]
struct Operator {
    xds: SocketAddr,
    api: SocketAddr,
}

/// `GET /v1/drift`.
#[derive(Serialize)]
pub(super) struct Drift {
    proxies: Vec<DriftedProxy>,
}

#[derive(Serialize)]
struct DriftedProxy {
    workload: String,
    identity: String,
    kind: &'static str,
    given: Option<Held>,
    reported: Option<Held>,
    reason: String,
    since: String,
}

#[derive(Serialize)]
struct Held {
    epoch: u64,
    commit: String,
    digest: String,
}

pub(super) fn status(
    status: &pipeline::Status,
    proxies: Vec<Proxy>,
    (xds, api): (SocketAddr, SocketAddr),
) -> Status {
    let settled = status
        .commits
        .iter()
        .filter(|commit| commit.outcome != Outcome::Pending);
    let unplanned = status.unplanned.iter().map(|it| Unplanned {
        workload: it.workload.clone(),
        reason: it.reason.clone(),
    });
    Status {
        commits: settled.map(commit).collect(),
        proxies,
        live: status.live.clone(),
        source: health(&status.source),
        inventory: health(&status.inventory),
        unplanned: unplanned.collect(),
        operator: Operator { xds, api },
    }
}

fn commit(record: &CommitRecord) -> Commit {
    Commit {
        id: record.id.clone(),
        outcome: record.outcome,
        diagnostics: record.diagnostics.clone(),
        author: record.author.clone(),
        summary: record.summary.clone(),
        time: seconds(record.time),
        seen: millis(record.seen_at),
    }
}

/// A proxy that holds what the plan gives it enforces the plan's commit, whichever
/// commit its members came with: see the documentation of the plan.
pub(super) fn proxy(plan: &Plan, status: &ProxyStatus) -> Proxy {
    let given = plan.workloads.get(&status.workload);
    let given = given.map(|workload| &workload.role_bundle.bundle);
    let holds = |bundle: &Bundle| {
        given.is_some_and(|given| (given.epoch, given.digest) == (bundle.epoch, bundle.digest))
    };
    let reported = status.reported.as_ref();
    Proxy {
        workload: status.workload.clone(),
        identity: status.identity.to_string(),
        commit: reported.map(|bundle| {
            if holds(bundle) {
                plan.commit.to_string()
            } else {
                bundle.commit.to_string()
            }
        }),
        epoch: reported.map(|bundle| bundle.epoch.0),
        digest: reported.map(|bundle| bundle.digest.to_string()),
        state: status.state.as_str(),
        certificate: status.not_after.map(|not_after| Certificate {
            not_after: not_after.to_string(),
        }),
        reason: status.reason.clone(),
    }
}

pub(super) fn drift(drifts: &[observe::Drift]) -> Drift {
    let drifted = |drift: &observe::Drift| DriftedProxy {
        workload: drift.workload.clone(),
        identity: drift.identity.to_string(),
        kind: drift.kind.as_str(),
        given: drift.given.as_ref().map(held),
        reported: drift.reported.as_ref().map(held),
        reason: drift.reason.clone(),
        since: drift.since.to_string(),
    };
    Drift {
        proxies: drifts.iter().map(drifted).collect(),
    }
}

fn held(bundle: &Bundle) -> Held {
    Held {
        epoch: bundle.epoch.0,
        commit: bundle.commit.to_string(),
        digest: bundle.digest.to_string(),
    }
}

fn health(condition: &Condition) -> Health {
    let (reason, message) = match &condition.problem {
        Some((reason, message)) => (Some(*reason), Some(message.clone())),
        None => (None, None),
    };
    Health {
        ok: reason.is_none(),
        reason,
        message,
        since: millis(condition.since),
    }
}

/// RFC 3339 in UTC, for instants that have one.
fn seconds(unix: i64) -> Option<String> {
    let time = jiff::Timestamp::from_second(unix).ok()?;
    Some(time.to_string())
}

fn millis(unix: u64) -> Option<String> {
    let unix = i64::try_from(unix).ok().filter(|unix| *unix > 0)?;
    let time = jiff::Timestamp::from_millisecond(unix).ok()?;
    Some(time.to_string())
}
