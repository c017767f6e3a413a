use super::headers::headers;
use crate::syntax::ast::{Backend, BackendTarget, Mirror};
use crate::syntax::decode::scalar::integer;
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{name, percent, reference};

pub(in crate::syntax) const BACKEND: Shape = Shape {
    what: "an entry of `to`",
    fields: &[
        "version", "service", "external", "port", "weight", "headers",
    ],
};

pub(in crate::syntax) const FALLBACK: Shape = Shape {
    what: "an entry of `fallback`",
    fields: &["version", "service", "external", "port", "headers"],
};

pub(in crate::syntax) const MIRROR: Shape = Shape {
    what: "an entry of `mirror`",
    fields: &["version", "service", "external", "port", "percent"],
};

/// One entry of `to`.
pub(super) fn backend(node: &Node<'_>, report: &mut Report) -> Read<Backend> {
    decode(node, report, &BACKEND)
}

/// One entry of `fallback`: they are tried in order, so none has a weight.
pub(super) fn fallback(node: &Node<'_>, report: &mut Report) -> Read<Backend> {
    decode(node, report, &FALLBACK)
}

fn decode(node: &Node<'_>, report: &mut Report, shape: &'static Shape) -> Read<Backend> {
    let mut fields = Fields::open(node, shape, report)?;
    fields.excludes("version", &["port"]);
    let target = target(&mut fields);
    let port = fields.optional("port", name);
    let weight = if shape.fields.contains(&"weight") {
        fields.optional("weight", |node, report| {
            integer(node, report, 0..=1_000_000)
        })
    } else {
        Ok(None)
    };
    let headers = fields.optional("headers", headers);
    fields.end()?;
    Ok(Backend {
        target: target?,
        port: port?,
        weight: weight?,
        headers: headers?.unwrap_or_default(),
        span: node.span,
    })
}

/// One entry of `mirror`.
pub(super) fn mirror(node: &Node<'_>, report: &mut Report) -> Read<Mirror> {
    let mut fields = Fields::open(node, &MIRROR, report)?;
    fields.excludes("version", &["port"]);
    let target = target(&mut fields);
    let port = fields.optional("port", name);
    let percent = fields.optional("percent", percent);
    fields.end()?;
    Ok(Mirror {
        target: target?,
        port: port?,
        percent: percent?,
        span: node.span,
    })
}

fn target(fields: &mut Fields<'_, '_, '_>) -> Read<BackendTarget> {
    fields
        .one_of(&["version", "service", "external"])
        .and_then(|field| match field {
            "version" => fields.required(field, name).map(BackendTarget::Version),
            "service" => fields
                .required(field, reference)
                .map(BackendTarget::Service),
            _ => fields
                .required(field, reference)
                .map(BackendTarget::External),
        })
}
