use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use mesh_ir::{Bundle, Epoch};
use mesh_xds::ResourceType;
use tokio::sync::Notify;

use super::drift::{Connection, DriftKind, Judgement, View, heals, judge};

/// A reason is for people; a proxy cannot fill the operator's memory with one.
const MAX_REASON: usize = 4 << 10;

/// What is known of one workload's proxy.
#[derive(Debug)]
pub(super) struct Record {
    known_since: Timestamp,
    last_seen: Option<Timestamp>,
    /// One per open stream.
    streams: Vec<Arc<Notify>>,
    given: Option<(Bundle, Timestamp)>,
    enforced: Option<Bundle>,
    not_after: Option<Timestamp>,
    refusals: BTreeMap<ResourceType, Refusal>,
    noticed: Option<(DriftKind, Timestamp)>,
    healing: Healing,
}

#[derive(Debug, Default)]
struct Healing {
    attempts: u32,
    last: Option<Timestamp>,
}

/// What a proxy refused of one type.
#[derive(Debug)]
pub(super) struct Refusal {
    resources: String,
    reason: String,
    /// What it had been given by then.
    epoch: Option<Epoch>,
}

impl Refusal {
    pub(super) fn new(resources: &[Arc<str>], reason: &str) -> Self {
        Self {
            resources: cut(&resources.join(", ")),
            reason: cut(reason),
            epoch: None,
        }
    }
}

fn cut(text: &str) -> String {
    let end = (0..=MAX_REASON.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    text[..end.unwrap_or(0)].to_owned()
}

impl Record {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            known_since: now,
            last_seen: None,
            streams: Vec::new(),
            given: None,
            enforced: None,
            not_after: None,
            refusals: BTreeMap::new(),
            noticed: None,
            healing: Healing::default(),
        }
    }

    pub(super) fn see(&mut self, now: Timestamp) {
        self.last_seen = Some(now);
    }

    pub(super) fn connect(&mut self, resend: Arc<Notify>, not_after: Option<Timestamp>) {
        self.streams.push(resend);
        self.not_after = not_after.max(self.not_after);
        self.refusals.clear();
    }

    pub(super) fn disconnect(&mut self, resend: &Arc<Notify>) {
        self.streams.retain(|it| !Arc::ptr_eq(it, resend));
    }

    pub(super) fn is_connected(&self) -> bool {
        !self.streams.is_empty()
    }

    pub(super) fn give(&mut self, bundle: &Bundle, now: Timestamp) {
        if self.given.as_ref().is_none_or(|(given, _)| given != bundle) {
            self.given = Some((bundle.clone(), now));
            self.healing = Healing::default();
        }
    }

    /// The proxy made a bundle active.
    pub(super) fn enforce(&mut self, bundle: Option<Bundle>) {
        self.enforced = bundle;
    }

    pub(super) fn accept(&mut self, kind: ResourceType) {
        self.refusals.remove(&kind);
    }

    pub(super) fn refuse(&mut self, kind: ResourceType, mut refusal: Refusal) {
        refusal.epoch = self.given.as_ref().map(|(given, _)| given.epoch);
        self.refusals.insert(kind, refusal);
    }

    /// The proxy computed what it enforces. Only this ends an attempt to heal.
    pub(super) fn report(&mut self, bundle: Option<Bundle>, not_after: Option<Timestamp>) {
        self.enforced = bundle;
        self.not_after = not_after.or(self.not_after);
        if self.digest_is_right() {
            self.healing = Healing::default();
        }
    }

    pub(super) fn enforced(&self) -> Option<&Bundle> {
        self.enforced.as_ref()
    }

    pub(super) fn not_after(&self) -> Option<Timestamp> {
        self.not_after
    }

    /// Every refusal that still says something, one type a line.
    pub(super) fn refusals(&self) -> Option<String> {
        let lines: Vec<_> = self
            .open_refusals()
            .map(|(kind, it)| format!("{kind:?} {}: {}", it.resources, it.reason))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Members and bundles of an older epoch were replaced since.
    fn open_refusals(&self) -> impl Iterator<Item = (&ResourceType, &Refusal)> {
        let epoch = self.given.as_ref().map(|(given, _)| given.epoch);
        self.refusals
            .iter()
            .filter(move |(kind, it)| kind.is_fact() || it.epoch == epoch)
    }

    pub(super) fn judge(&self, now: Timestamp) -> Judgement {
        let connection = match (self.is_connected(), self.last_seen) {
            (true, _) => Connection::Open,
            (false, Some(at)) => Connection::Lost(at),
            (false, None) => Connection::Never(self.known_since),
        };
        let view = View {
            given: self.given.as_ref().map(|(bundle, since)| (bundle, *since)),
            enforced: self.enforced.as_ref(),
            refuses: self.open_refusals().next().is_some(),
            connection,
        };
        judge(&view, now)
    }

    /// The drift at an instant, and since when it is noticed. A change is logged once.
    pub(super) fn notice(
        &mut self,
        workload: &str,
        now: Timestamp,
    ) -> Option<(DriftKind, Timestamp)> {
        let drift = self.judge(now).drift;
        if drift == self.noticed.map(|(kind, _)| kind) {
            return self.noticed;
        }
        if let Some(kind) = drift {
            let reason = self.explain(kind);
            tracing::warn!(workload, kind = kind.as_str(), reason, "drift");
        } else {
            tracing::info!(workload, "no drift any more");
        }
        self.noticed = drift.map(|kind| (kind, now));
        self.noticed
    }

    /// Has the bundle sent again where the proxy enforces another content than it
    /// was given, unless that was tried just now. Says whether it did.
    pub(super) fn heal(&mut self, workload: &str, now: Timestamp) -> bool {
        let wrong = self.judge(now).drift == Some(DriftKind::Digest);
        let due = heals(self.healing.attempts, self.healing.last, now);
        if !(wrong && due && self.is_connected()) {
            return false;
        }
        self.healing.attempts = self.healing.attempts.saturating_add(1);
        self.healing.last = Some(now);
        let attempt = self.healing.attempts;
        tracing::warn!(workload, attempt, "wrong digest: the bundle is sent again");
        for stream in &self.streams {
            stream.notify_one();
        }
        true
    }

    /// What a drift is about, in words.
    pub(super) fn explain(&self, kind: DriftKind) -> String {
        match kind {
            DriftKind::Refused => self.refusals().unwrap_or_default(),
            DriftKind::Silent => match self.last_seen {
                Some(at) => format!("no connection since {at:.0}"),
                None => "never connected".to_owned(),
            },
            DriftKind::Behind => match (&self.enforced, &self.given) {
                (Some(it), Some((given, _))) => {
                    format!("enforces epoch {}, was given {}", it.epoch.0, given.epoch.0)
                }
                _ => "has not said that it enforces anything".to_owned(),
            },
            DriftKind::Digest => match (&self.enforced, &self.given) {
                (Some(it), Some((given, _))) => {
                    format!("reports digest {}, was given {}", it.digest, given.digest)
                }
                _ => String::new(),
            },
        }
    }

    fn digest_is_right(&self) -> bool {
        match (&self.enforced, &self.given) {
            (Some(it), Some((given, _))) => it.digest == given.digest,
            _ => true,
        }
    }
}
