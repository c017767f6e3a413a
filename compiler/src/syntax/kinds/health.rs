use std::time::Duration;

use crate::syntax::ast::{Health, Limits, OutlierDetection, Probe, Spanned};
use crate::syntax::codes::{missing_field, wrong_order};
use crate::syntax::decode::scalar::{integer, only_true, parsed};
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, literal_path, name, percent};

pub(in crate::syntax) const PROBES: Shape = Shape {
    what: "`probes`",
    fields: &["http"],
};

pub(in crate::syntax) const HEALTH: Shape = Shape {
    what: "`health`",
    fields: &[
        "port",
        "http",
        "grpc",
        "tcp",
        "interval",
        "timeout",
        "healthyAfter",
        "unhealthyAfter",
    ],
};

pub(in crate::syntax) const LIMITS: Shape = Shape {
    what: "`limits` of a Service",
    fields: &["connections", "requests", "pending"],
};

pub(in crate::syntax) const OUTLIER_DETECTION: Shape = Shape {
    what: "`outlierDetection`",
    fields: &[
        "consecutive5xx",
        "gatewayErrors",
        "localErrors",
        "successRate",
        "interval",
        "baseEjection",
        "maxEjected",
    ],
};

/// The fields of `outlierDetection` that say what is looked for.
const DETECTORS: &[&str] = &[
    "consecutive5xx",
    "gatewayErrors",
    "localErrors",
    "successRate",
];

/// `probes.http`.
pub(super) fn probes(
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Vec<Spanned<mesh_ir::PathPattern>>> {
    let mut fields = Fields::open(node, &PROBES, report)?;
    let http = fields.list("http", literal_path);
    fields.end()?;
    http
}

pub(super) fn health(node: &Node<'_>, report: &mut Report) -> Read<Health> {
    let mut fields = Fields::open(node, &HEALTH, report)?;
    let probe = fields
        .one_of(&["http", "grpc", "tcp"])
        .and_then(|field| match field {
            "http" => fields.required(field, literal_path).map(Probe::Http),
            "grpc" => fields.required(field, grpc_service).map(Probe::Grpc),
            _ => fields
                .required(field, only_true)
                .map(|it| Probe::Tcp(it.span)),
        });
    let port = fields.optional("port", name);
    let interval = fields.optional("interval", duration);
    let timeout = fields.optional("timeout", duration);
    let healthy_after = fields.optional("healthyAfter", in_a_row);
    let unhealthy_after = fields.optional("unhealthyAfter", in_a_row);
    let report = fields.end_with()?;
    let (interval, timeout) = (interval?, timeout?);
    refuse_order(("timeout", timeout), ("interval", interval), report)?;
    Ok(Health {
        port: port?,
        probe: probe?,
        interval,
        timeout,
        healthy_after: healthy_after?,
        unhealthy_after: unhealthy_after?,
        span: node.span,
    })
}

/// `lower` is not above `upper`, where both are written.
pub(super) fn refuse_order(
    lower: (&str, Option<Spanned<Duration>>),
    upper: (&str, Option<Spanned<Duration>>),
    report: &mut Report,
) -> Read<()> {
    match (lower, upper) {
        ((low, Some(least)), (high, Some(most))) if least.value > most.value => {
            let low = Spanned::new(low, least.span);
            Err(report.push(wrong_order::error(low, Spanned::new(high, most.span))))
        }
        _ => Ok(()),
    }
}

/// The name of a service of the standard health protocol, perhaps none.
fn grpc_service(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "the name of a gRPC service", |text| {
        let is_part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        if text.is_empty() || text.split('.').all(is_part) {
            Ok(text.to_owned())
        } else {
            Err("write it as `shop.v1.Reviews`, or `\"\"` for the server as a whole")
        }
    })
}

fn in_a_row(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u32>> {
    integer(node, report, 1..=1000)
}

pub(super) fn limits(node: &Node<'_>, report: &mut Report) -> Read<Limits> {
    let mut fields = Fields::open(node, &LIMITS, report)?;
    let most = |node: &Node<'_>, report: &mut Report| integer(node, report, 1..=10_000_000);
    let connections = fields.optional("connections", most);
    let requests = fields.optional("requests", most);
    let pending = fields.optional("pending", |node, report| {
        integer(node, report, 0..=10_000_000)
    });
    fields.end()?;
    Ok(Limits {
        connections: connections?,
        requests: requests?,
        pending: pending?,
    })
}

pub(super) fn outlier_detection(node: &Node<'_>, report: &mut Report) -> Read<OutlierDetection> {
    let mut fields = Fields::open(node, &OUTLIER_DETECTION, report)?;
    let consecutive5xx = fields.optional("consecutive5xx", in_a_row);
    let gateway_errors = fields.optional("gatewayErrors", in_a_row);
    let local_errors = fields.optional("localErrors", in_a_row);
    let success_rate = fields.optional("successRate", percent);
    let interval = fields.optional("interval", duration);
    let base_ejection = fields.optional("baseEjection", duration);
    let max_ejected = fields.optional("maxEjected", percent);
    let looks = DETECTORS.iter().any(|name| fields.has(name));
    let place = fields.place();
    let report = fields.end_with()?;
    if !looks {
        let error = missing_field::one_of(place, DETECTORS, OUTLIER_DETECTION.what);
        return Err(report.push(error));
    }
    Ok(OutlierDetection {
        consecutive5xx: consecutive5xx?,
        gateway_errors: gateway_errors?,
        local_errors: local_errors?,
        success_rate: success_rate?,
        interval: interval?,
        base_ejection: base_ejection?,
        max_ejected: max_ejected?,
        span: node.span,
    })
}
