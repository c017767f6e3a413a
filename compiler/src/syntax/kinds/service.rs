use std::net::IpAddr;

use mesh_ir::{EncodedSlash, Protocol};

use super::common::{attempts, load_balancing};
use crate::syntax::ast::{
    Call, CallTarget, Endpoint, Limits, Port, Service, Spanned, Version, Workloads,
};
use crate::syntax::decode::scalar::{integer, parsed, word};
use crate::syntax::decode::{Fields, Shape, list_of, map_of};
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{any_text, bound, host, name, name_key, reference};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Service",
    fields: &[
        "accounts",
        "hosts",
        "ports",
        "workloads",
        "versions",
        "loadBalancing",
        "encodedSlash",
        "calls",
    ],
    later: &["probes", "health", "limits", "outlierDetection"],
};

pub(in crate::syntax) const PORT: Shape = Shape {
    what: "a port",
    fields: &["port", "protocol", "targetPort"],
    later: &["mtls", "proxyProtocol", "http10"],
};

pub(in crate::syntax) const WORKLOADS: Shape = Shape {
    what: "`workloads`",
    fields: &["endpoints"],
    later: &["selector", "dns"],
};

pub(in crate::syntax) const ENDPOINT: Shape = Shape {
    what: "an endpoint",
    fields: &["address", "version", "locality", "weight", "ports"],
    later: &[],
};

pub(in crate::syntax) const VERSION: Shape = Shape {
    what: "a version",
    fields: &["labels"],
    later: &[],
};

pub(in crate::syntax) const CALL: Shape = Shape {
    what: "an entry of `calls`",
    fields: &["service", "timeout", "retries"],
    later: &["external"],
};

pub(in crate::syntax) const CALL_RETRIES: Shape = Shape {
    what: "`retries` of an entry of `calls`",
    fields: &["attempts"],
    later: &[],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Service> {
    let mut fields = Fields::open_empty(node, &SPEC, report)?;
    let accounts = fields.list("accounts", name);
    let hosts = fields.list("hosts", host);
    let ports = fields.optional("ports", |node, report| map_of(node, report, port));
    let endpoints = fields.optional("workloads", workloads);
    let versions = fields.optional("versions", |node, report| map_of(node, report, version));
    let load_balancing = fields.optional("loadBalancing", load_balancing);
    let encoded_slash = fields.optional("encodedSlash", |node, report| {
        word(node, report, &ENCODED_SLASH, &[])
    });
    let calls = fields.optional("calls", |node, report| list_of(node, report, call));
    fields.end()?;
    Ok(Service {
        accounts: accounts?,
        hosts: hosts?,
        ports: ports?.unwrap_or_default(),
        workloads: endpoints?.map(Workloads::Endpoints),
        versions: versions?.unwrap_or_default(),
        probes: vec![],
        health: None,
        load_balancing: load_balancing?,
        limits: Limits::default(),
        outlier_detection: None,
        connect_timeout: None,
        stream_idle_timeout: None,
        idle_timeout: None,
        encoded_slash: encoded_slash?,
        calls: calls?,
    })
}

/// `http: 9080` or `admin: {port: 9081, protocol: http}`.
fn port(key: Spanned<&str>, node: &Node<'_>, report: &mut Report) -> Read<Port> {
    let name = name_key(key, report);
    let own = PROTOCOLS
        .iter()
        .find(|(word, _)| *word == key.value)
        .map(|(_, protocol)| Spanned::new(*protocol, key.span));
    if !matches!(node.kind, NodeKind::Map(_)) {
        let number = port_number(node, report);
        let protocol = own.ok_or_else(|| no_protocol(key, report));
        return Ok(Port {
            name: name?,
            number: number?,
            protocol: protocol?,
            target: None,
            mtls: None,
            proxy_protocol: None,
            http10: None,
        });
    }
    let mut fields = Fields::open(node, &PORT, report)?;
    let number = fields.required("port", port_number);
    let written = fields.optional("protocol", |node, report| {
        word(node, report, &PROTOCOLS, &[])
    });
    let target = fields.optional("targetPort", port_number);
    let protocol = written.and_then(|written| {
        written
            .or(own)
            .ok_or_else(|| no_protocol(key, fields.report))
    });
    fields.end()?;
    Ok(Port {
        name: name?,
        number: number?,
        protocol: protocol?,
        target: target?,
        mtls: None,
        proxy_protocol: None,
        http10: None,
    })
}

fn no_protocol(key: Spanned<&str>, report: &mut Report) -> crate::syntax::report::Reported {
    let what = "a port whose name is no protocol";
    let help = format!("write `{}: {{port: …, protocol: http}}`", key.value);
    let error = crate::syntax::codes::missing_field::error(key.span, "protocol", what);
    report.push(error.help(help))
}

fn port_number(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u16>> {
    integer(node, report, 1..=u16::MAX)
}

fn workloads(node: &Node<'_>, report: &mut Report) -> Read<Vec<Endpoint>> {
    let mut fields = Fields::open(node, &WORKLOADS, report)?;
    let endpoints = if fields.one_of(WORKLOADS.fields).is_ok() {
        fields.list("endpoints", endpoint)
    } else {
        Err(crate::syntax::report::Reported)
    };
    fields.end()?;
    endpoints
}

fn endpoint(node: &Node<'_>, report: &mut Report) -> Read<Endpoint> {
    let mut fields = Fields::open(node, &ENDPOINT, report)?;
    let address = fields.required("address", |node, report| {
        parsed(node, report, "an address", |text| {
            text.parse::<IpAddr>()
                .map_err(|_| "write it as `10.0.0.7` or `fd00::7`")
        })
    });
    let version = fields.optional("version", name);
    let locality = fields.optional("locality", locality);
    let weight = fields.optional("weight", |node, report| {
        integer(node, report, 1..=1_000_000)
    });
    let ports = fields.optional("ports", |node, report| {
        map_of(node, report, |key, value, report| {
            let name = name_key(key, report);
            let number = port_number(value, report);
            Ok((name?, number?))
        })
    });
    fields.end()?;
    Ok(Endpoint {
        address: address?,
        version: version?,
        locality: locality?,
        weight: weight?,
        ports: ports?.unwrap_or_default(),
        span: node.span,
    })
}

/// `region/zone`.
fn locality(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a locality", |text| {
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        match text.split_once('/') {
            Some((region, zone)) if is_part(region) && is_part(zone) => Ok(text.to_owned()),
            _ => Err("write it as `region/zone`"),
        }
    })
}

fn version(key: Spanned<&str>, node: &Node<'_>, report: &mut Report) -> Read<Version> {
    let name = name_key(key, report);
    let mut fields = Fields::open_empty(node, &VERSION, report)?;
    let labels = fields.optional("labels", |node, report| {
        map_of(node, report, |key, value, report| {
            let value = any_text(value, report)?;
            Ok((key.value.to_owned(), value.value))
        })
    });
    fields.end()?;
    let (name, labels) = (name?, labels?);
    let mut labels =
        labels.unwrap_or_else(|| vec![("version".to_owned(), name.value.as_str().to_owned())]);
    labels.sort();
    Ok(Version { name, labels })
}

fn call(node: &Node<'_>, report: &mut Report) -> Read<Call> {
    let mut fields = Fields::open(node, &CALL, report)?;
    let service = fields
        .one_of(&["service"])
        .and_then(|field| fields.required(field, reference));
    let timeout = fields.optional("timeout", bound);
    let attempts = fields.optional("retries", |node, report| {
        let mut fields = Fields::open(node, &CALL_RETRIES, report)?;
        let attempts = fields.required("attempts", attempts);
        fields.end()?;
        attempts
    });
    fields.end()?;
    Ok(Call {
        target: CallTarget::Service(service?),
        timeout: timeout?,
        attempts: attempts?,
        span: node.span,
    })
}

pub(in crate::syntax) const PROTOCOLS: [(&str, Protocol); 5] = [
    ("http", Protocol::Http),
    ("http2", Protocol::Http2),
    ("grpc", Protocol::Grpc),
    ("tcp", Protocol::Tcp),
    ("tls", Protocol::Tls),
];

pub(in crate::syntax) const ENCODED_SLASH: [(&str, EncodedSlash); 2] = [
    ("refuse", EncodedSlash::Refuse),
    ("judge", EncodedSlash::Judge),
];
