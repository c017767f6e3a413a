use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use http::Version;
use mesh_decide::{Noted, RuleIndex, ServiceIndex, ShadowOutcome, VersionIndex};
use mesh_identity::SpiffeId;

use super::labels::{DecisionLabels, Labels};
use super::record::{Direction, Record, Traffic};
use crate::active::Active;

/// Upper bounds of the duration histogram, in milliseconds, as Istio has them.
pub(super) const BOUNDS: [f64; 19] = [
    0.5,
    1.0,
    5.0,
    10.0,
    25.0,
    50.0,
    100.0,
    250.0,
    500.0,
    1_000.0,
    2_500.0,
    5_000.0,
    10_000.0,
    30_000.0,
    60_000.0,
    300_000.0,
    600_000.0,
    1_800_000.0,
    3_600_000.0,
];
/// The protocol of what is no HTTP.
const TCP: &str = "tcp";
/// Different label sets kept; what comes beyond is counted under empty labels.
const MAX_SERIES: usize = 10_000;

/// The counters of one worker.
///
/// A request touches one small key of integers; the words of its labels are
/// looked up when the counters are asked for, or when their tables go.
#[derive(Default)]
pub(crate) struct Metrics {
    current: RefCell<Current>,
    total: RefCell<MetricsSnapshot>,
    /// Open downstream connections.
    pub(crate) connections: Cell<u64>,
    /// Inbound handshakes that did not end in a connection, by class of reason.
    failed_handshakes: RefCell<BTreeMap<&'static str, u64>>,
}

#[derive(Default)]
struct Current {
    active: Option<Rc<Active>>,
    series: BTreeMap<Key, Series>,
    /// By the position of the rule.
    decisions: Vec<Option<(RuleIndex, [u64; Shadowed::COUNT])>>,
    peers: BTreeMap<SpiffeId, u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    direction: Direction,
    protocol: &'static str,
    status: u16,
    grpc_status: Option<u8>,
    flags: &'static str,
    /// Interned, from 1; 0 is nobody.
    peer: u32,
    service: Option<ServiceIndex>,
    version: Option<VersionIndex>,
}

/// What was decided about a request by which rule, for the decision counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shadowed {
    /// Let in or forwarded.
    Allowed,
    /// Refused.
    Denied,
    /// Noted by an `audit` entry.
    Audited,
    /// With the shadow documents it would be let in.
    ShadowAllowed,
    /// With the shadow documents it would be refused.
    ShadowDenied,
    /// A shadow limit has no room.
    ShadowLimited,
}

impl Shadowed {
    const COUNT: usize = 6;
    const ALL: [(Self, &'static str); Self::COUNT] = [
        (Self::Allowed, "allowed"),
        (Self::Denied, "denied"),
        (Self::Audited, "audited"),
        (Self::ShadowAllowed, "shadow-allowed"),
        (Self::ShadowDenied, "shadow-denied"),
        (Self::ShadowLimited, "shadow-limited"),
    ];
}

/// Counters with the words of their labels; those of several workers add up.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MetricsSnapshot {
    pub(super) series: BTreeMap<Labels, Series>,
    pub(super) decisions: BTreeMap<DecisionLabels, u64>,
    pub(super) failed_handshakes: BTreeMap<&'static str, u64>,
    pub(super) connections: u64,
    pub(super) dropped_log_lines: u64,
}

/// What is counted under one set of labels.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Series {
    pub(super) count: u64,
    /// Of connections, which are counted when they end.
    pub(super) opened: u64,
    /// Not cumulative; the last is above every bound.
    pub(super) buckets: [u64; BOUNDS.len() + 1],
    pub(super) sum_ms: f64,
    pub(super) received: u64,
    pub(super) sent: u64,
}

impl Metrics {
    /// From now on records are judged by `active`.
    pub(crate) fn activate(&self, active: &Rc<Active>) {
        self.settle();
        self.current.borrow_mut().active = Some(active.clone());
    }

    /// Counts a connection that began; it is counted again when it ends.
    pub(crate) fn opened(&self, record: &Record) {
        self.count(record, |series| series.opened += 1);
    }

    /// Counts an inbound TLS handshake that failed.
    pub(crate) fn handshake_failed(&self, why: &'static str) {
        let mut failed = self.failed_handshakes.borrow_mut();
        *failed.entry(why).or_default() += 1;
    }

    /// Counts one finished request or connection.
    pub(crate) fn record(&self, record: &Record, duration: Duration) {
        self.count(record, |series| series.add(record, duration));
    }

    fn count(&self, record: &Record, add: impl FnOnce(&mut Series)) {
        let mut current = self.current.borrow_mut();
        let same = current
            .active
            .as_ref()
            .is_some_and(|it| Rc::ptr_eq(it, &record.active));
        if !same {
            // The tables changed while it ran: words now, not later.
            drop(current);
            let labels = Labels::of_record(record);
            let mut total = self.total.borrow_mut();
            return add(total.series_mut(labels));
        }
        let peer = current.peer(record.peer.as_deref());
        let key = Key::of(record, peer);
        add(current.series.entry(key).or_default());
    }

    /// Counts a decision by a rule of the tables in force.
    pub(crate) fn decided(&self, active: &Rc<Active>, rule: RuleIndex, how: Shadowed) {
        let mut current = self.current.borrow_mut();
        let same = current
            .active
            .as_ref()
            .is_some_and(|it| Rc::ptr_eq(it, active));
        if same {
            let at = rule.position();
            if current.decisions.len() <= at {
                current.decisions.resize(at + 1, None);
            }
            let counts = current.decisions[at].get_or_insert((rule, [0; Shadowed::COUNT]));
            counts.1[how as usize] += 1;
        }
    }

    /// Counts what was decided without effect.
    pub(crate) fn noted(&self, active: &Rc<Active>, noted: &Noted) {
        for rule in &noted.audited {
            self.decided(active, *rule, Shadowed::Audited);
        }
        for rule in &noted.shadow_limited {
            self.decided(active, *rule, Shadowed::ShadowLimited);
        }
        if let Some(verdict) = &noted.shadow {
            let how = match verdict.outcome {
                ShadowOutcome::Allow => Shadowed::ShadowAllowed,
                ShadowOutcome::Deny => Shadowed::ShadowDenied,
            };
            self.decided(active, verdict.rule, how);
        }
    }

    /// Everything counted so far.
    pub(crate) fn snapshot(&self, dropped_log_lines: u64) -> MetricsSnapshot {
        self.settle();
        let mut snapshot = self.total.borrow().clone();
        snapshot.failed_handshakes = self.failed_handshakes.borrow().clone();
        snapshot.connections = self.connections.get();
        snapshot.dropped_log_lines = dropped_log_lines;
        snapshot
    }

    /// Gives the counters of the current tables their words.
    fn settle(&self) {
        let mut current = self.current.borrow_mut();
        let Some(active) = current.active.clone() else {
            return;
        };
        let mut total = self.total.borrow_mut();
        let mut peers = vec![None; current.peers.len() + 1];
        for (peer, at) in std::mem::take(&mut current.peers) {
            peers[usize::try_from(at).expect("32 bits fit")] = Some(peer);
        }
        for (key, counted) in std::mem::take(&mut current.series) {
            let peer = peers[usize::try_from(key.peer).expect("32 bits fit")].as_ref();
            let labels = Labels::of(&key, peer, &active);
            total.series_mut(labels).merge(&counted);
        }
        for (rule, counts) in current.decisions.drain(..).flatten() {
            total.add_decisions(&active, rule, counts);
        }
    }
}

impl Current {
    fn peer(&mut self, peer: Option<&SpiffeId>) -> u32 {
        let Some(peer) = peer else { return 0 };
        if let Some(at) = self.peers.get(peer) {
            return *at;
        }
        let next = u32::try_from(self.peers.len()).map_or(0, |n| n + 1);
        self.peers.insert(peer.clone(), next);
        next
    }
}

impl Key {
    fn of(record: &Record, peer: u32) -> Self {
        let protocol = match &record.traffic {
            Traffic::Tcp => TCP,
            Traffic::Http { grpc: true, .. } => "grpc",
            Traffic::Http { version, .. } if *version == Version::HTTP_2 => "http2",
            Traffic::Http { .. } => "http",
        };
        Self {
            direction: record.direction,
            protocol,
            status: record.outcome.status,
            grpc_status: record.outcome.grpc,
            flags: record.outcome.flags,
            peer,
            service: record.service,
            version: record.version,
        }
    }
}

impl Labels {
    fn of_record(record: &Record) -> Self {
        let key = Key::of(record, 0);
        Self::of(&key, record.peer.as_deref(), &record.active)
    }

    fn of(key: &Key, peer: Option<&SpiffeId>, active: &Active) -> Self {
        let own = active.tables.role().identity.clone();
        let inbound = key.direction == Direction::Inbound;
        let (source, destination) = if inbound {
            (peer, Some(&own))
        } else {
            (Some(&own), peer)
        };
        let text = |id: Option<&SpiffeId>| id.map(SpiffeId::to_string).unwrap_or_default();
        let part = |part: Option<&str>| part.unwrap_or("unknown").to_owned();
        let service = key.service.map(|at| active.tables.service(at));
        let version = service
            .zip(key.version)
            .and_then(|(service, at)| service.versions.get(at.position()));
        Self {
            tcp: key.protocol == TCP,
            reporter: if inbound { "destination" } else { "source" },
            source_workload: part(source.and_then(SpiffeId::account)),
            source_namespace: part(source.and_then(SpiffeId::namespace)),
            source_principal: text(source),
            destination_principal: text(destination),
            destination_service: service.map(|it| it.id.to_string()).unwrap_or_default(),
            destination_service_name: part(service.map(|it| it.id.name.as_str())),
            destination_service_namespace: part(service.map(|it| it.id.namespace.as_str())),
            destination_version: part(version.map(|it| it.name.as_str())),
            request_protocol: key.protocol,
            response_code: key.status,
            response_flags: if key.flags.is_empty() { "-" } else { key.flags },
            grpc_response_status: key.grpc_status,
            connection_security_policy: match (inbound, peer) {
                (true, Some(_)) => "mutual_tls",
                (true, None) => "none",
                (false, _) => "unknown",
            },
        }
    }
}

impl Series {
    fn add(&mut self, record: &Record, duration: Duration) {
        let ms = duration.as_secs_f64() * 1000.0;
        let bucket = BOUNDS.iter().position(|bound| ms <= *bound);
        self.count += 1;
        self.buckets[bucket.unwrap_or(BOUNDS.len())] += 1;
        self.sum_ms += ms;
        self.received += record.received;
        self.sent += record.sent;
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.opened += other.opened;
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine += theirs;
        }
        self.sum_ms += other.sum_ms;
        self.received += other.received;
        self.sent += other.sent;
    }
}

impl MetricsSnapshot {
    /// Adds what another worker counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (labels, series) in &other.series {
            self.series_mut(labels.clone()).merge(series);
        }
        for (labels, count) in &other.decisions {
            *self.decisions.entry(labels.clone()).or_default() += count;
        }
        for (why, count) in &other.failed_handshakes {
            *self.failed_handshakes.entry(why).or_default() += count;
        }
        self.connections += other.connections;
        self.dropped_log_lines += other.dropped_log_lines;
    }

    fn series_mut(&mut self, labels: Labels) -> &mut Series {
        let full = self.series.len() >= MAX_SERIES && !self.series.contains_key(&labels);
        let labels = if full { Labels::default() } else { labels };
        self.series.entry(labels).or_default()
    }

    fn add_decisions(&mut self, active: &Active, rule: RuleIndex, counts: [u64; Shadowed::COUNT]) {
        let meta = active.tables.rule(rule);
        let object = meta.object.as_ref();
        let counted = Shadowed::ALL.into_iter().zip(counts);
        for ((_, outcome), count) in counted.filter(|(_, count)| *count > 0) {
            let labels = DecisionLabels {
                outcome,
                kind: meta.kind.as_str(),
                namespace: object
                    .map(|it| it.namespace.to_string())
                    .unwrap_or_default(),
                name: object.map(|it| it.name.to_string()).unwrap_or_default(),
                rule: meta
                    .rule
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            };
            *self.decisions.entry(labels).or_default() += count;
        }
    }
}
