use std::fmt::{Display, Write as _};

use crate::publish::InEffect;
use crate::status::{ListenerStatus, Status};

/// Appends what the control side counts, in the Prometheus text format.
pub(super) fn render(out: &mut String, status: &Status, in_effect: Option<&InEffect>) {
    let counts = status.counts();
    let listeners = status.listeners();
    let bound = listeners
        .values()
        .filter(|it| **it == ListenerStatus::Bound)
        .count();
    gauge(
        out,
        "meshwright_xds_connected",
        "Whether a stream to the operator is open",
        u8::from(status.is_connected()),
    );
    family(
        out,
        "meshwright_listeners",
        "gauge",
        "Listening sockets, by state",
    );
    sample(out, "meshwright_listeners", &[("state", "bound")], bound);
    sample(
        out,
        "meshwright_listeners",
        &[("state", "failing")],
        listeners.len() - bound,
    );
    counter(
        out,
        "meshwright_bundles_total",
        "Bundles and facts taken from the operator, by result",
        [("accepted", counts.accepted), ("rejected", counts.rejected)],
    );
    counter(
        out,
        "meshwright_certificate_requests_total",
        "Requests for a certificate, by result",
        [
            ("issued", counts.renewals),
            ("failed", counts.renewal_failures),
        ],
    );
    counter(
        out,
        "meshwright_accepts_total",
        "Connections that could not be accepted",
        [("failed", counts.accept_errors)],
    );
    let received = "meshwright_xds_resources_received_total";
    family(out, received, "counter", "Resources that the operator sent");
    sample(out, received, &[], counts.received);
    if let Some(in_effect) = in_effect {
        bundle(out, in_effect);
    }
}

fn bundle(out: &mut String, in_effect: &InEffect) {
    let bundle = &in_effect.active.bundle;
    gauge(
        out,
        "meshwright_bundle_epoch",
        "Epoch of the bundle in effect",
        bundle.epoch.0,
    );
    family(
        out,
        "meshwright_bundle_info",
        "gauge",
        "Commit and digest of the bundle in effect",
    );
    let labels = [
        ("commit", &*bundle.commit.0),
        ("digest", &bundle.digest.to_string()),
    ];
    sample(out, "meshwright_bundle_info", &labels, 1);
    gauge(
        out,
        "meshwright_certificate_expiry_timestamp_seconds",
        "When the certificate in effect ends",
        in_effect.active.identity.not_after(),
    );
}

fn gauge(out: &mut String, name: &str, help: &str, value: impl Display) {
    family(out, name, "gauge", help);
    sample(out, name, &[], value);
}

fn counter<const N: usize>(out: &mut String, name: &str, help: &str, by: [(&str, u64); N]) {
    family(out, name, "counter", help);
    for (result, value) in by {
        sample(out, name, &[("result", result)], value);
    }
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}.\n# TYPE {name} {kind}");
}

fn sample(out: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    out.push_str(name);
    for (at, (label, text)) in labels.iter().enumerate() {
        let open = if at == 0 { '{' } else { ',' };
        let text = text
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        let _ = write!(out, "{open}{label}=\"{text}\"");
    }
    if !labels.is_empty() {
        out.push('}');
    }
    let _ = writeln!(out, " {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_the_first_bundle_there_are_numbers_too() {
        let status = Status::default();
        status.set_connected(true);
        status.refused(vec![]);
        let mut text = String::new();
        render(&mut text, &status, None);
        assert!(text.contains("\nmeshwright_xds_connected 1\n"), "{text}");
        assert!(
            text.contains("\nmeshwright_bundles_total{result=\"rejected\"} 1\n"),
            "{text}"
        );
    }

    #[test]
    fn label_values_are_escaped() {
        let mut text = String::new();
        sample(&mut text, "x", &[("a", "q\"\\\n"), ("b", "")], 2);
        assert_eq!(text, "x{a=\"q\\\"\\\\\\n\",b=\"\"} 2\n");
    }
}
