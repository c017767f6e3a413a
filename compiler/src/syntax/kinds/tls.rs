use crate::syntax::ast::{
    Certificate, Clients, ClientsMode, ExternalTls, ListenerTls, Spanned, TlsVersion,
};
use crate::syntax::decode::scalar::{only_true, word};
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{host, name, text};

pub(in crate::syntax) const LISTENER_TLS: Shape = Shape {
    what: "`tls` of a listener",
    fields: &["certificate", "minVersion", "clients"],
};

pub(in crate::syntax) const CERTIFICATE: Shape = Shape {
    what: "`certificate`",
    fields: &["secret", "chain", "key", "mesh"],
};

pub(in crate::syntax) const CLIENTS: Shape = Shape {
    what: "`clients`",
    fields: &["mode", "ca", "subjectAltNames"],
};

pub(in crate::syntax) const EXTERNAL_TLS: Shape = Shape {
    what: "`tls` of an ExternalService",
    fields: &[
        "serverName",
        "subjectAltNames",
        "ca",
        "certificate",
        "minVersion",
    ],
};

/// TLS that ends at a gateway.
pub(super) fn listener_tls(node: &Node<'_>, report: &mut Report) -> Read<ListenerTls> {
    let mut fields = Fields::open(node, &LISTENER_TLS, report)?;
    let certificate = fields.required("certificate", certificate);
    let min_version = fields.optional("minVersion", version);
    let clients = fields.optional("clients", clients);
    fields.end()?;
    Ok(ListenerTls {
        certificate: certificate?,
        min_version: min_version?,
        clients: clients?,
        span: node.span,
    })
}

/// TLS that a proxy starts; `{}` is enough.
pub(super) fn external_tls(node: &Node<'_>, report: &mut Report) -> Read<ExternalTls> {
    let mut fields = Fields::open_empty(node, &EXTERNAL_TLS, report)?;
    let server_name = fields.optional("serverName", host);
    let subject_alt_names = fields.list("subjectAltNames", text);
    let ca = fields.optional("ca", text);
    let certificate = fields.optional("certificate", certificate);
    let min_version = fields.optional("minVersion", version);
    fields.end()?;
    Ok(ExternalTls {
        server_name: server_name?,
        subject_alt_names: subject_alt_names?,
        ca: ca?,
        certificate: certificate?,
        min_version: min_version?,
        span: node.span,
    })
}

fn certificate(node: &Node<'_>, report: &mut Report) -> Read<Certificate> {
    let mut fields = Fields::open(node, &CERTIFICATE, report)?;
    fields.excludes("key", &["secret", "mesh"]);
    let certificate = fields
        .one_of(&["secret", "chain", "mesh"])
        .and_then(|field| match field {
            "secret" => fields.required(field, name).map(Certificate::Secret),
            "chain" => {
                let chain: Read<Spanned<String>> = fields.required(field, text);
                let key = fields.required("key", text);
                Ok(Certificate::Files {
                    chain: chain?,
                    key: key?,
                })
            }
            _ => fields
                .required(field, only_true)
                .map(|it| Certificate::Mesh(it.span)),
        });
    fields.end()?;
    certificate
}

fn clients(node: &Node<'_>, report: &mut Report) -> Read<Clients> {
    let mut fields = Fields::open(node, &CLIENTS, report)?;
    let mode = fields.required("mode", |node, report| word(node, report, &CLIENTS_MODES));
    let ca = fields.required("ca", text);
    let subject_alt_names = fields.list("subjectAltNames", text);
    fields.end()?;
    Ok(Clients {
        mode: mode?,
        ca: ca?,
        subject_alt_names: subject_alt_names?,
    })
}

fn version(node: &Node<'_>, report: &mut Report) -> Read<Spanned<TlsVersion>> {
    word(node, report, &TLS_VERSIONS)
}

pub(in crate::syntax) const TLS_VERSIONS: [(&str, TlsVersion); 2] =
    [("TLS1.2", TlsVersion::Tls12), ("TLS1.3", TlsVersion::Tls13)];

pub(in crate::syntax) const CLIENTS_MODES: [(&str, ClientsMode); 2] = [
    ("required", ClientsMode::Required),
    ("optional", ClientsMode::Optional),
];
