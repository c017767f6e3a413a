use mesh_ir::{Key, Percent};

use super::target::{self, target};
use crate::syntax::ast::{AccessLog, LogExporter, LogFormat, Named, Spanned, Telemetry};
use crate::syntax::codes::{invalid_value, missing_field};
use crate::syntax::decode::scalar::word;
use crate::syntax::decode::{Fields, Shape, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, key, percent, status_pattern};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Telemetry",
    fields: &[
        "service",
        "gateway",
        "external",
        "all",
        "ports",
        "hosts",
        "accessLog",
        "traces",
        "metrics",
    ],
};

pub(in crate::syntax) const ACCESS_LOG: Shape = Shape {
    what: "`accessLog`",
    fields: &["format", "exporter", "when", "sample", "fields"],
};

pub(in crate::syntax) const WHEN: Shape = Shape {
    what: "`when`",
    fields: &["status", "slowerThan"],
};

pub(in crate::syntax) const TRACES: Shape = Shape {
    what: "`traces`",
    fields: &["sample"],
};

pub(in crate::syntax) const METRICS: Shape = Shape {
    what: "`metrics`",
    fields: &["labels"],
};

/// The parts of a `spec`, at least one of which is there.
const PARTS: &[&str] = &["accessLog", "traces", "metrics"];

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Telemetry> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let target = target(&mut fields, target::ANY);
    let access_log = fields.optional("accessLog", access_log);
    let traces = fields.optional("traces", traces);
    let labels = fields.optional("metrics", metrics);
    let says_something = PARTS.iter().any(|part| fields.has(part));
    let place = fields.place();
    let report = fields.end_with()?;
    if !says_something {
        return Err(report.push(missing_field::one_of(place, PARTS, SPEC.what)));
    }
    Ok(Telemetry {
        target: target?,
        access_log: access_log?,
        traces: traces?,
        labels: labels?.unwrap_or_default(),
    })
}

fn access_log(node: &Node<'_>, report: &mut Report) -> Read<AccessLog> {
    let mut fields = Fields::open(node, &ACCESS_LOG, report)?;
    let format = fields.optional("format", |node, report| word(node, report, &FORMATS));
    let exporter = fields.optional("exporter", |node, report| word(node, report, &EXPORTERS));
    let when = fields.optional("when", |node, report| {
        let mut fields = Fields::open(node, &WHEN, report)?;
        let status = fields.list("status", status_pattern);
        let slower_than = fields.optional("slowerThan", duration);
        fields.end()?;
        Ok((status?, slower_than?))
    });
    let sample = fields.optional("sample", percent);
    let more = fields.optional("fields", keyed);
    fields.end()?;
    let (statuses, slower_than) = when?.unwrap_or_default();
    Ok(AccessLog {
        format: format?,
        exporter: exporter?,
        statuses,
        slower_than,
        sample: sample?,
        fields: more?.unwrap_or_default(),
        span: node.span,
    })
}

fn traces(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Percent>> {
    let mut fields = Fields::open(node, &TRACES, report)?;
    let sample = fields.required("sample", percent);
    fields.end()?;
    sample
}

fn metrics(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<Key>>> {
    let mut fields = Fields::open(node, &METRICS, report)?;
    let labels = fields.required("labels", keyed);
    fields.end()?;
    labels
}

/// Names, and what of a request gives their values.
fn keyed(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<Key>>> {
    map_of(node, report, |name, value, report| {
        let is_name = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let judged = if is_name(name.value) {
            Ok(Spanned::new(name.value.to_owned(), name.span))
        } else {
            let reason = "a to z first, then a to z, 0 to 9 and `_`";
            let what = "a name of a label or field";
            Err(report.push(invalid_value::error(name.span, name.value, what, reason)))
        };
        let value = key(value, report);
        Ok(Named {
            name: judged?,
            value: value?,
        })
    })
}

pub(in crate::syntax) const FORMATS: [(&str, LogFormat); 2] =
    [("json", LogFormat::Json), ("text", LogFormat::Text)];

pub(in crate::syntax) const EXPORTERS: [(&str, LogExporter); 2] =
    [("stdout", LogExporter::Stdout), ("otlp", LogExporter::Otlp)];
