use mesh_ir::Protocol;

use super::mtls::mtls;
use crate::syntax::ast::{Port, Spanned};
use crate::syntax::decode::scalar::{boolean, integer, word};
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::report::{Read, Report, Reported};
use crate::syntax::values::name_key;

pub(in crate::syntax) const PORT: Shape = Shape {
    what: "a port",
    fields: &[
        "port",
        "protocol",
        "targetPort",
        "mtls",
        "proxyProtocol",
        "http10",
    ],
};

pub(in crate::syntax) const EXTERNAL_PORT: Shape = Shape {
    what: "a port outside",
    fields: &["port", "protocol", "targetPort"],
};

/// `http: 9080` or `admin: {port: 9081, protocol: http}`.
pub(super) fn port(key: Spanned<&str>, node: &Node<'_>, report: &mut Report) -> Read<Port> {
    decode(key, node, report, &PORT)
}

/// A port of an `ExternalService`, which has no proxy of its own.
pub(super) fn external_port(
    key: Spanned<&str>,
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Port> {
    decode(key, node, report, &EXTERNAL_PORT)
}

/// 1 to 65535.
pub(super) fn port_number(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u16>> {
    integer(node, report, 1..=u16::MAX)
}

fn decode(
    key: Spanned<&str>,
    node: &Node<'_>,
    report: &mut Report,
    shape: &'static Shape,
) -> Read<Port> {
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
    let mut fields = Fields::open(node, shape, report)?;
    let number = fields.required("port", port_number);
    let written = fields.optional("protocol", |node, report| word(node, report, &PROTOCOLS));
    let target = fields.optional("targetPort", port_number);
    let (mtls, proxy_protocol, http10) = if shape.fields.contains(&"mtls") {
        (
            fields.optional("mtls", mtls),
            fields.optional("proxyProtocol", |node, report| {
                word(node, report, &PROXY_PROTOCOLS)
            }),
            fields.optional("http10", boolean),
        )
    } else {
        (Ok(None), Ok(None), Ok(None))
    };
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
        mtls: mtls?,
        proxy_protocol: proxy_protocol?.map(|it| it.span),
        http10: http10?,
    })
}

fn no_protocol(key: Spanned<&str>, report: &mut Report) -> Reported {
    let what = "a port whose name is no protocol";
    let help = format!("write `{}: {{port: …, protocol: http}}`", key.value);
    let error = crate::syntax::codes::missing_field::error(key.span, "protocol", what);
    report.push(error.help(help))
}

pub(in crate::syntax) const PROTOCOLS: [(&str, Protocol); 5] = [
    ("http", Protocol::Http),
    ("http2", Protocol::Http2),
    ("grpc", Protocol::Grpc),
    ("tcp", Protocol::Tcp),
    ("tls", Protocol::Tls),
];

pub(in crate::syntax) const PROXY_PROTOCOLS: [(&str, ()); 1] = [("v2", ())];
