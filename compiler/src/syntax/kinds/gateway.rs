use mesh_ir::Protocol;

use super::ports::{PROTOCOLS, port_number};
use super::tls::listener_tls;
use crate::diagnostic::Span;
use crate::syntax::ast::{ClientAddress, Gateway, Listener, Spanned};
use crate::syntax::codes::invalid_value;
use crate::syntax::decode::scalar::{integer, only_true, word};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{address, host_pattern, name};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Gateway",
    fields: &["accounts", "clientAddress", "listeners", "attach"],
};

pub(in crate::syntax) const CLIENT_ADDRESS: Shape = Shape {
    what: "`clientAddress`",
    fields: &["forwardedFor", "proxyProtocol"],
};

pub(in crate::syntax) const FORWARDED_FOR: Shape = Shape {
    what: "`forwardedFor`",
    fields: &["trustedHops"],
};

pub(in crate::syntax) const LISTENER: Shape = Shape {
    what: "a listener",
    fields: &[
        "name",
        "port",
        "protocol",
        "hosts",
        "addresses",
        "tls",
        "redirect",
    ],
};

pub(in crate::syntax) const LISTENER_REDIRECT: Shape = Shape {
    what: "`redirect` of a listener",
    fields: &["scheme"],
};

pub(in crate::syntax) const ATTACH: Shape = Shape {
    what: "`attach`",
    fields: &["namespaces"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Gateway> {
    let mut fields = Fields::open_empty(node, &SPEC, report)?;
    let accounts = fields.list("accounts", name);
    let client_address = fields.optional("clientAddress", client_address);
    let listeners = fields.list("listeners", listener);
    let attach = fields.optional("attach", |node, report| {
        let mut fields = Fields::open(node, &ATTACH, report)?;
        let namespaces = fields.required("namespaces", |node, report| list_of(node, report, name));
        fields.end()?;
        namespaces
    });
    fields.end()?;
    Ok(Gateway {
        accounts: accounts?,
        client_address: client_address?,
        listeners: listeners?,
        attach: attach?.unwrap_or_default(),
    })
}

fn client_address(node: &Node<'_>, report: &mut Report) -> Read<ClientAddress> {
    let mut fields = Fields::open(node, &CLIENT_ADDRESS, report)?;
    let address = fields
        .one_of(CLIENT_ADDRESS.fields)
        .and_then(|field| match field {
            "forwardedFor" => fields
                .required(field, trusted_hops)
                .map(ClientAddress::ForwardedFor),
            _ => fields
                .required(field, only_true)
                .map(|it| ClientAddress::ProxyProtocol(it.span)),
        });
    fields.end()?;
    address
}

fn trusted_hops(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u8>> {
    let mut fields = Fields::open(node, &FORWARDED_FOR, report)?;
    let hops = fields.required("trustedHops", |node, report| integer(node, report, 1..=16));
    fields.end()?;
    hops
}

fn listener(node: &Node<'_>, report: &mut Report) -> Read<Listener> {
    let mut fields = Fields::open(node, &LISTENER, report)?;
    fields.excludes("redirect", &["tls"]);
    let name = fields.optional("name", name);
    let port = fields.required("port", port_number);
    let protocol = fields.optional("protocol", |node, report| word(node, report, &PROTOCOLS));
    let hosts = fields.list("hosts", host_pattern);
    let addresses = fields.list("addresses", address);
    let tls = fields.optional("tls", listener_tls);
    let redirect = fields.optional("redirect", redirect);
    let report = fields.end_with()?;
    let (protocol, tls) = (protocol?, tls?);
    if let (Some(protocol), Some(_)) = (&protocol, &tls)
        && protocol.value == Protocol::Tls
    {
        let (at, what) = (protocol.span, "a protocol of TLS that ends here");
        let reason = "`tls` is passed through: write `http` or `tcp`, or leave `tls:` out";
        return Err(report.push(invalid_value::error(at, "tls", what, reason)));
    }
    Ok(Listener {
        name: name?,
        port: port?,
        protocol,
        hosts: hosts?,
        addresses: addresses?,
        tls,
        redirect: redirect?,
        span: node.span,
    })
}

/// `{scheme: https}`, the only thing that a whole listener redirects to.
fn redirect(node: &Node<'_>, report: &mut Report) -> Read<Span> {
    let mut fields = Fields::open(node, &LISTENER_REDIRECT, report)?;
    let scheme = fields.required("scheme", |node, report| {
        word(node, report, &[("https", ())])
    });
    fields.end()?;
    scheme.map(|_| node.span)
}
