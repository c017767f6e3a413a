//! What the fleet was given, what it says it enforces, and what to do about a
//! difference.
//!
//! [`Fleet`] is the table; the decisions over one proxy are pure, in `drift`.

mod drift;
mod record;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use mesh_ir::{Bundle, SpiffeId};
use mesh_xds::ResourceType;
use tokio::sync::Notify;

use crate::metrics::Metrics;
use crate::plan::{Plan, PlannedWorkload};
use record::{Record, Refusal};

pub(crate) use drift::{DriftKind, ProxyState};

/// Everything observed, by workload; shared by every stream and by the API.
#[derive(Debug)]
pub(crate) struct Fleet {
    metrics: Metrics,
    proxies: Mutex<BTreeMap<String, Record>>,
}

/// One planned proxy as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProxyStatus {
    /// `namespace/name`.
    pub(crate) workload: String,
    /// Who it must prove to be.
    pub(crate) identity: SpiffeId,
    /// What it said last that it enforces.
    pub(crate) reported: Option<Bundle>,
    /// Where it stands.
    pub(crate) state: ProxyState,
    /// The end of its certificate.
    pub(crate) not_after: Option<Timestamp>,
    /// What it refused and why, one resource type a line.
    pub(crate) reason: Option<String>,
}

/// A proxy that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drift {
    /// `namespace/name`.
    pub(crate) workload: String,
    /// Who it must prove to be.
    pub(crate) identity: SpiffeId,
    /// How it differs.
    pub(crate) kind: DriftKind,
    /// What it should enforce.
    pub(crate) given: Option<Bundle>,
    /// What it says it does.
    pub(crate) reported: Option<Bundle>,
    /// For people.
    pub(crate) reason: String,
    /// When that was noticed.
    pub(crate) since: Timestamp,
}

/// One open stream; the proxy counts as connected until it is dropped.
#[derive(Debug)]
pub(crate) struct Connected {
    fleet: Arc<Fleet>,
    workload: String,
    /// Told when members and bundle are to be sent again.
    pub(crate) resend: Arc<Notify>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.fleet.metrics.streams.dec();
        let now = Timestamp::now();
        let resend = self.resend.clone();
        self.fleet
            .update(&self.workload, now, |it| it.disconnect(&resend));
    }
}

impl Fleet {
    /// Nobody was seen yet.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self {
            metrics,
            proxies: Mutex::default(),
        }
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// A proxy opened a stream, with a certificate that ends at an instant.
    pub(crate) fn connect(
        self: &Arc<Self>,
        workload: &str,
        not_after: Option<Timestamp>,
        now: Timestamp,
    ) -> Connected {
        let resend = Arc::new(Notify::new());
        self.metrics.streams.inc();
        self.update(workload, now, |it| it.connect(resend.clone(), not_after));
        Connected {
            fleet: self.clone(),
            workload: workload.to_owned(),
            resend,
        }
    }

    /// A proxy should enforce this bundle from now on.
    pub(crate) fn given(&self, workload: &str, bundle: &Bundle, now: Timestamp) {
        let mut proxies = self.lock();
        record(&mut proxies, workload, now).give(bundle, now);
    }

    /// A proxy has made this bundle active.
    pub(crate) fn acknowledged(&self, workload: &str, bundle: &Bundle, now: Timestamp) {
        self.update(workload, now, |it| it.enforce(Some(bundle.clone())));
    }

    /// A proxy took what it was sent of a type.
    pub(crate) fn accepted(&self, workload: &str, kind: ResourceType, now: Timestamp) {
        self.update(workload, now, |it| it.accept(kind));
    }

    /// A proxy refused what it was sent of a type.
    pub(crate) fn refused(
        &self,
        workload: &str,
        kind: ResourceType,
        resources: &[Arc<str>],
        reason: &str,
        now: Timestamp,
    ) {
        tracing::warn!(workload, ?kind, ?resources, reason, "refused by the proxy");
        self.metrics.nacks.inc();
        let refusal = Refusal::new(resources, reason);
        self.update(workload, now, |it| it.refuse(kind, refusal));
    }

    /// A proxy says what it enforces, as it computed just now.
    pub(crate) fn reported(
        &self,
        workload: &str,
        bundle: Option<Bundle>,
        not_after: Option<Timestamp>,
        now: Timestamp,
    ) {
        let mut healed = false;
        self.update(workload, now, |it| {
            it.report(bundle, not_after);
            healed = it.heal(workload, now);
        });
        self.metrics.healed.inc_by(healed.into());
    }

    /// Every planned workload, sorted.
    pub(crate) fn statuses(&self, plan: &Plan, now: Timestamp) -> Vec<ProxyStatus> {
        let mut proxies = self.lock();
        let status = |(name, workload): (&String, &PlannedWorkload)| {
            let record = planned(&mut proxies, name, workload, now);
            ProxyStatus {
                workload: name.clone(),
                identity: workload.identity.clone(),
                reported: record.enforced().cloned(),
                state: record.judge(now).state,
                not_after: record.not_after(),
                reason: record.refusals(),
            }
        };
        plan.workloads.iter().map(status).collect()
    }

    /// Every planned workload that is not as it should be, sorted.
    pub(crate) fn drift(&self, plan: &Plan, now: Timestamp) -> Vec<Drift> {
        let mut proxies = self.lock();
        let drift = |(name, workload): (&String, &PlannedWorkload)| {
            let record = planned(&mut proxies, name, workload, now);
            let (kind, since) = record.notice(name, now)?;
            Some(Drift {
                workload: name.clone(),
                identity: workload.identity.clone(),
                kind,
                given: Some(workload.role_bundle.bundle.clone()),
                reported: record.enforced().cloned(),
                reason: record.explain(kind),
                since,
            })
        };
        plan.workloads.iter().filter_map(drift).collect()
    }

    /// Looks at every proxy once: notices and logs what has begun or ended since,
    /// sends bundles again where that is due, and forgets who is planned no more.
    pub(crate) fn sweep(&self, plan: &Plan, now: Timestamp) {
        let mut proxies = self.lock();
        proxies.retain(|name, it| plan.workloads.contains_key(name) || it.is_connected());
        for (name, workload) in &plan.workloads {
            let record = planned(&mut proxies, name, workload, now);
            record.notice(name, now);
            let healed = record.heal(name, now);
            self.metrics.healed.inc_by(healed.into());
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Record>> {
        self.proxies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a record by something that its proxy did.
    fn update(&self, workload: &str, now: Timestamp, change: impl FnOnce(&mut Record)) {
        let mut proxies = self.lock();
        let record = record(&mut proxies, workload, now);
        record.see(now);
        change(record);
    }
}

fn record<'a>(
    proxies: &'a mut BTreeMap<String, Record>,
    workload: &str,
    now: Timestamp,
) -> &'a mut Record {
    proxies
        .entry(workload.to_owned())
        .or_insert_with(|| Record::new(now))
}

/// The record of a planned workload, which is given what the plan says.
fn planned<'a>(
    proxies: &'a mut BTreeMap<String, Record>,
    name: &str,
    workload: &PlannedWorkload,
    now: Timestamp,
) -> &'a mut Record {
    let record = record(proxies, name, now);
    record.give(&workload.role_bundle.bundle, now);
    record
}
