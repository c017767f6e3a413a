use std::fmt::Write;

use super::labels::Labels;
use super::metrics::{BOUNDS, MetricsSnapshot, Series};

impl MetricsSnapshot {
    /// Appends the families in the Prometheus text format (without `# EOF`).
    pub(crate) fn render(&self, out: &mut String) {
        let http = || self.series.iter().filter(|(labels, _)| !labels.tcp);
        let tcp = || self.series.iter().filter(|(labels, _)| labels.tcp);
        counter(
            out,
            "istio_requests_total",
            "Requests, by how they ended.",
            http(),
            |it| it.count,
        );
        histogram(out, http());
        counter(
            out,
            "meshwright_request_bytes_total",
            "Bytes of request bodies.",
            http(),
            |it| it.received,
        );
        counter(
            out,
            "meshwright_response_bytes_total",
            "Bytes of response bodies.",
            http(),
            |it| it.sent,
        );
        counter(
            out,
            "istio_tcp_connections_opened_total",
            "Connections that began.",
            tcp(),
            |it| it.opened,
        );
        counter(
            out,
            "istio_tcp_connections_closed_total",
            "Connections that ended.",
            tcp(),
            |it| it.count,
        );
        counter(
            out,
            "istio_tcp_received_bytes_total",
            "Bytes from clients.",
            tcp(),
            |it| it.received,
        );
        counter(
            out,
            "istio_tcp_sent_bytes_total",
            "Bytes to clients.",
            tcp(),
            |it| it.sent,
        );
        self.render_own(out);
    }

    fn render_own(&self, out: &mut String) {
        head(
            out,
            "meshwright_decisions_total",
            "counter",
            "Decisions, by the rule that made them.",
        );
        for (labels, count) in &self.decisions {
            out.push_str("meshwright_decisions_total{");
            label(out, "outcome", labels.outcome);
            label(out, "kind", labels.kind);
            label(out, "namespace", &labels.namespace);
            label(out, "name", &labels.name);
            label(out, "rule", &labels.rule);
            end(out, &count.to_string());
        }
        let name = "meshwright_tls_handshake_failures_total";
        let help = "Inbound TLS handshakes that failed, by class of reason.";
        head(out, name, "counter", help);
        for (why, count) in &self.failed_handshakes {
            out.push_str(name);
            out.push('{');
            label(out, "reason", why);
            end(out, &count.to_string());
        }
        head(
            out,
            "meshwright_downstream_connections",
            "gauge",
            "Open downstream connections.",
        );
        writeln!(
            out,
            "meshwright_downstream_connections {}",
            self.connections
        )
        .unwrap_or(());
        let name = "meshwright_access_log_dropped_total";
        head(
            out,
            name,
            "counter",
            "Access log lines dropped because the target was too slow.",
        );
        writeln!(out, "{name} {}", self.dropped_log_lines).unwrap_or(());
    }
}

fn counter<'a>(
    out: &mut String,
    name: &str,
    help: &str,
    series: impl Iterator<Item = (&'a Labels, &'a Series)>,
    value: impl Fn(&Series) -> u64,
) {
    head(out, name, "counter", help);
    for (labels, series) in series {
        out.push_str(name);
        out.push('{');
        standard(out, labels);
        end(out, &value(series).to_string());
    }
}

fn histogram<'a>(out: &mut String, all: impl Iterator<Item = (&'a Labels, &'a Series)>) {
    let name = "istio_request_duration_milliseconds";
    head(
        out,
        name,
        "histogram",
        "From the head of a request to the end of its response.",
    );
    for (labels, series) in all {
        let mut below = 0;
        let bounds = BOUNDS.iter().map(ToString::to_string);
        for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(series.buckets) {
            below += count;
            write!(out, "{name}_bucket{{").unwrap_or(());
            standard(out, labels);
            label(out, "le", &bound);
            end(out, &below.to_string());
        }
        for (suffix, value) in [
            ("sum", series.sum_ms.to_string()),
            ("count", series.count.to_string()),
        ] {
            write!(out, "{name}_{suffix}{{").unwrap_or(());
            standard(out, labels);
            end(out, &value);
        }
    }
}

fn standard(out: &mut String, labels: &Labels) {
    label(out, "reporter", labels.reporter);
    label(out, "source_workload", &labels.source_workload);
    label(out, "source_workload_namespace", &labels.source_namespace);
    label(out, "source_principal", &labels.source_principal);
    label(out, "destination_principal", &labels.destination_principal);
    label(out, "destination_service", &labels.destination_service);
    label(
        out,
        "destination_service_name",
        &labels.destination_service_name,
    );
    label(
        out,
        "destination_service_namespace",
        &labels.destination_service_namespace,
    );
    label(out, "destination_version", &labels.destination_version);
    label(out, "request_protocol", labels.request_protocol);
    if !labels.tcp {
        label(out, "response_code", &labels.response_code.to_string());
        let grpc = labels.grpc_response_status.map(|it| it.to_string());
        label(out, "grpc_response_status", &grpc.unwrap_or_default());
    }
    label(out, "response_flags", labels.response_flags);
    label(
        out,
        "connection_security_policy",
        labels.connection_security_policy,
    );
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}").unwrap_or(());
}

/// One label; values are escaped as the text format says.
fn label(out: &mut String, name: &str, value: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn end(out: &mut String, value: &str) {
    out.push_str("} ");
    out.push_str(value);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(count: u64) -> MetricsSnapshot {
        let labels = Labels {
            reporter: "destination",
            destination_service: "a\"b\\c\nd".to_owned(),
            response_code: 200,
            ..Labels::default()
        };
        let mut series = Series {
            count,
            ..Series::default()
        };
        series.buckets[0] = count;
        let mut snapshot = MetricsSnapshot::default();
        snapshot.series.insert(labels, series);
        snapshot
    }

    #[test]
    fn counters_of_workers_add_up_and_values_are_escaped() {
        let mut sum = one(2);
        sum.merge(&one(3));
        let mut text = String::new();
        sum.render(&mut text);
        let line = text
            .lines()
            .find(|line| line.starts_with("istio_requests_total{"))
            .unwrap();
        assert!(line.ends_with("} 5"), "{line}");
        assert!(
            line.contains(r#"destination_service="a\"b\\c\nd""#),
            "{line}"
        );
    }

    #[test]
    fn buckets_are_cumulative() {
        let mut text = String::new();
        one(4).render(&mut text);
        let buckets: Vec<_> = text
            .lines()
            .filter(|line| line.contains("_bucket{"))
            .collect();
        assert_eq!(buckets.len(), BOUNDS.len() + 1);
        assert!(buckets.iter().all(|line| line.ends_with("} 4")));
        assert!(buckets.last().unwrap().contains(r#"le="+Inf""#));
    }
}
