use mesh_ir::EncodedSlash;

use super::common::attempts;
use super::endpoints::workloads;
use super::health::{health, limits, outlier_detection, probes};
use super::load_balancing::load_balancing;
use super::ports::port;
use crate::syntax::ast::{Call, CallTarget, Service, Spanned, Version};
use crate::syntax::decode::scalar::word;
use crate::syntax::decode::{Fields, Shape, list_of, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{any_text, bound, duration, host, name, name_key, reference};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Service",
    fields: &[
        "accounts",
        "hosts",
        "ports",
        "workloads",
        "versions",
        "probes",
        "health",
        "loadBalancing",
        "limits",
        "outlierDetection",
        "connectTimeout",
        "streamIdleTimeout",
        "idleTimeout",
        "encodedSlash",
        "calls",
    ],
};

pub(in crate::syntax) const VERSION: Shape = Shape {
    what: "a version",
    fields: &["labels"],
};

pub(in crate::syntax) const CALL: Shape = Shape {
    what: "an entry of `calls`",
    fields: &["service", "external", "timeout", "retries"],
};

pub(in crate::syntax) const CALL_RETRIES: Shape = Shape {
    what: "`retries` of an entry of `calls`",
    fields: &["attempts"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Service> {
    let mut fields = Fields::open_empty(node, &SPEC, report)?;
    let accounts = fields.list("accounts", name);
    let hosts = fields.list("hosts", host);
    let ports = fields.optional("ports", |node, report| map_of(node, report, port));
    let workloads = fields.optional("workloads", workloads);
    let versions = fields.optional("versions", |node, report| map_of(node, report, version));
    let probes = fields.optional("probes", probes);
    let health = fields.optional("health", health);
    let load_balancing = fields.optional("loadBalancing", load_balancing);
    let limits = fields.optional("limits", limits);
    let outlier_detection = fields.optional("outlierDetection", outlier_detection);
    let connect_timeout = fields.optional("connectTimeout", duration);
    let stream_idle_timeout = fields.optional("streamIdleTimeout", bound);
    let idle_timeout = fields.optional("idleTimeout", bound);
    let encoded_slash = fields.optional("encodedSlash", |node, report| {
        word(node, report, &ENCODED_SLASH)
    });
    let calls = fields.optional("calls", |node, report| list_of(node, report, call));
    fields.end()?;
    Ok(Service {
        accounts: accounts?,
        hosts: hosts?,
        ports: ports?.unwrap_or_default(),
        workloads: workloads?,
        versions: versions?.unwrap_or_default(),
        probes: probes?.unwrap_or_default(),
        health: health?,
        load_balancing: load_balancing?,
        limits: limits?.unwrap_or_default(),
        outlier_detection: outlier_detection?,
        connect_timeout: connect_timeout?,
        stream_idle_timeout: stream_idle_timeout?,
        idle_timeout: idle_timeout?,
        encoded_slash: encoded_slash?,
        calls: calls?,
    })
}

fn version(key: Spanned<&str>, node: &Node<'_>, report: &mut Report) -> Read<Version> {
    let name = name_key(key, report);
    let mut fields = Fields::open_empty(node, &VERSION, report)?;
    let labels = fields.optional("labels", labels);
    fields.end()?;
    let (name, labels) = (name?, labels?);
    let labels =
        labels.unwrap_or_else(|| vec![("version".to_owned(), name.value.as_str().to_owned())]);
    Ok(Version { name, labels })
}

/// Labels that something must have, sorted by key; at least one.
pub(super) fn labels(node: &Node<'_>, report: &mut Report) -> Read<Vec<(String, String)>> {
    let mut labels = map_of(node, report, |key, value, report| {
        let value = any_text(value, report)?;
        Ok((key.value.to_owned(), value.value))
    })?;
    labels.sort();
    Ok(labels)
}

fn call(node: &Node<'_>, report: &mut Report) -> Read<Call> {
    let mut fields = Fields::open(node, &CALL, report)?;
    let target = fields
        .one_of(&["service", "external"])
        .and_then(|field| match field {
            "service" => fields.required(field, reference).map(CallTarget::Service),
            _ => fields.required(field, reference).map(CallTarget::External),
        });
    let timeout = fields.optional("timeout", bound);
    let attempts = fields.optional("retries", |node, report| {
        let mut fields = Fields::open(node, &CALL_RETRIES, report)?;
        let attempts = fields.required("attempts", attempts);
        fields.end()?;
        attempts
    });
    fields.end()?;
    Ok(Call {
        target: target?,
        timeout: timeout?,
        attempts: attempts?,
        span: node.span,
    })
}

pub(in crate::syntax) const ENCODED_SLASH: [(&str, EncodedSlash); 2] = [
    ("refuse", EncodedSlash::Refuse),
    ("judge", EncodedSlash::Judge),
];
