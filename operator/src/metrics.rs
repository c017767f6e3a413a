//! What is counted. Children of families are made when the registry is, so that
//! counting takes no lock and every series is there from the start.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::store::Outcome;

type Labels = Vec<(&'static str, String)>;

/// What the pipeline's gauges are set from.
pub(crate) struct Pulse<'a> {
    /// The commit that is live and when it was seen, in Unix milliseconds.
    pub(crate) live: Option<(&'a str, u64)>,
    /// Whether the repository can be followed.
    pub(crate) source_up: bool,
    /// Whether the inventory is used as it is.
    pub(crate) inventory_up: bool,
}

/// Handles to every metric; cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    commits_live: Counter,
    commits_rejected: Counter,
    live_commit: Family<Labels, Gauge>,
    live_since: Gauge,
    source_up: Gauge,
    inventory_up: Gauge,
    proxies: Family<Labels, Gauge>,
    drifted: Family<Labels, Gauge>,
    /// Open xDS streams.
    pub(crate) streams: Gauge,
    /// Resources sent over xDS, removals included.
    pub(crate) sent: Counter,
    /// Responses that a proxy refused.
    pub(crate) nacks: Counter,
    /// Bundles sent again because a proxy reported another digest.
    pub(crate) healed: Counter,
    /// Workload certificates issued.
    pub(crate) certificates: Counter,
}

impl Metrics {
    /// A registry with every metric at zero.
    pub(crate) fn new() -> Self {
        let mut root = Registry::default();
        let registry = root.sub_registry_with_prefix("meshwright_operator");
        let commits = Family::<Labels, Counter>::default();
        let mut made = Self {
            registry: Arc::new(Registry::default()),
            commits_live: outcome(&commits, "live"),
            commits_rejected: outcome(&commits, "rejected"),
            live_commit: Family::default(),
            live_since: Gauge::default(),
            source_up: Gauge::default(),
            inventory_up: Gauge::default(),
            proxies: Family::default(),
            drifted: Family::default(),
            streams: Gauge::default(),
            sent: Counter::default(),
            nacks: Counter::default(),
            healed: Counter::default(),
            certificates: Counter::default(),
        };
        registry.register("commits", "Commits by what became of them", commits);
        made.register_gauges(registry);
        let counters = [
            (
                "xds_resources_sent",
                "Resources sent to proxies",
                &made.sent,
            ),
            ("xds_refused", "Responses refused by proxies", &made.nacks),
            (
                "xds_healed",
                "Bundles sent again because of a wrong digest",
                &made.healed,
            ),
            (
                "certificates_issued",
                "Workload certificates issued",
                &made.certificates,
            ),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        made.registry = Arc::new(root);
        made
    }

    fn register_gauges(&self, registry: &mut Registry) {
        let families = [
            (
                "live_commit_info",
                "The commit that is live",
                &self.live_commit,
            ),
            ("proxies", "Planned proxies by state", &self.proxies),
            (
                "drifted_proxies",
                "Proxies that drift, by kind",
                &self.drifted,
            ),
        ];
        for (name, help, family) in families {
            registry.register(name, help, family.clone());
        }
        let gauges = [
            (
                "live_since_seconds",
                "When the live commit was seen, in Unix seconds",
                &self.live_since,
            ),
            (
                "source_up",
                "1 where the repository can be followed",
                &self.source_up,
            ),
            (
                "inventory_up",
                "1 where the inventory is used as it is",
                &self.inventory_up,
            ),
            ("xds_streams", "Open xDS streams", &self.streams),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
    }

    /// A commit got its outcome.
    pub(crate) fn commit(&self, outcome: Outcome) {
        match outcome {
            Outcome::Live => drop(self.commits_live.inc()),
            Outcome::Rejected => drop(self.commits_rejected.inc()),
            Outcome::Pending | Outcome::Superseded => {}
        }
    }

    /// How the pipeline is.
    pub(crate) fn pipeline(&self, pulse: &Pulse<'_>) {
        self.source_up.set(i64::from(pulse.source_up));
        self.inventory_up.set(i64::from(pulse.inventory_up));
        self.live_commit.clear();
        let Some((live, seen_at)) = pulse.live else {
            return;
        };
        self.live_commit
            .get_or_create(&vec![("commit", live.to_owned())])
            .set(1);
        self.live_since
            .set(i64::try_from(seen_at / 1000).unwrap_or(i64::MAX));
    }

    /// The fleet as it is now: how many proxies are in each state, and how many drift.
    pub(crate) fn fleet(&self, states: &[(&'static str, i64)], drifts: &[(&'static str, i64)]) {
        for (family, label, counts) in [
            (&self.proxies, "state", states),
            (&self.drifted, "kind", drifts),
        ] {
            for (value, count) in counts {
                family
                    .get_or_create(&vec![(label, (*value).to_owned())])
                    .set(*count);
            }
        }
    }

    /// Everything in the OpenMetrics text format.
    pub(crate) fn render(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn outcome(commits: &Family<Labels, Counter>, outcome: &str) -> Counter {
    commits
        .get_or_create(&vec![("outcome", outcome.to_owned())])
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_counted_by_outcome() {
        let metrics = Metrics::new();
        metrics.commit(Outcome::Rejected);
        let text = metrics.render().unwrap();
        let expected = "meshwright_operator_commits_total{outcome=\"rejected\"} 1";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("meshwright_operator_commits_total{outcome=\"live\"} 0"));
    }
}
