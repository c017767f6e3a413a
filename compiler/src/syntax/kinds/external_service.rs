use super::endpoints::external_endpoint;
use super::ports::external_port;
use super::tls::external_tls;
use crate::syntax::ast::ExternalService;
use crate::syntax::codes::missing_field;
use crate::syntax::decode::{Fields, Shape, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{cidr, host_pattern, reference};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of an ExternalService",
    fields: &["hosts", "endpoints", "addresses", "ports", "tls", "via"],
};

/// The fields that say where it is, at least one of which is there.
const PLACES: &[&str] = &["hosts", "endpoints", "addresses"];

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<ExternalService> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    fields.excludes("addresses", &["endpoints"]);
    let hosts = fields.list("hosts", host_pattern);
    let endpoints = fields.list("endpoints", external_endpoint);
    let addresses = fields.list("addresses", cidr);
    let ports = fields.required("ports", |node, report| map_of(node, report, external_port));
    let tls = fields.optional("tls", external_tls);
    let via = fields.optional("via", reference);
    let says_where = PLACES.iter().any(|field| fields.has(field));
    let place = fields.place();
    let report = fields.end_with()?;
    if !says_where {
        return Err(report.push(missing_field::one_of(place, PLACES, SPEC.what)));
    }
    Ok(ExternalService {
        hosts: hosts?,
        endpoints: endpoints?,
        addresses: addresses?,
        ports: ports?,
        tls: tls?,
        via: via?,
    })
}
