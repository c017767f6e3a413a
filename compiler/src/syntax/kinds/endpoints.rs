use super::ports::port_number;
use super::service::labels;
use crate::syntax::ast::{Endpoint, Workloads};
use crate::syntax::decode::scalar::integer;
use crate::syntax::decode::{Fields, Shape, list_of, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{address, host, name, name_key, zone};

pub(in crate::syntax) const WORKLOADS: Shape = Shape {
    what: "`workloads`",
    fields: &["selector", "dns", "endpoints"],
};

pub(in crate::syntax) const ENDPOINT: Shape = Shape {
    what: "an endpoint",
    fields: &["address", "version", "locality", "weight", "ports"],
};

pub(in crate::syntax) const EXTERNAL_ENDPOINT: Shape = Shape {
    what: "an endpoint outside",
    fields: &["address", "locality", "weight", "ports"],
};

pub(super) fn workloads(node: &Node<'_>, report: &mut Report) -> Read<Workloads> {
    let mut fields = Fields::open(node, &WORKLOADS, report)?;
    let found = fields
        .one_of(WORKLOADS.fields)
        .and_then(|field| match field {
            "selector" => fields.required(field, |node, report| {
                Ok(Workloads::Selector {
                    labels: labels(node, report)?,
                    span: node.span,
                })
            }),
            "dns" => fields.required(field, host).map(Workloads::Dns),
            _ => fields
                .required(field, |node, report| list_of(node, report, endpoint))
                .map(Workloads::Endpoints),
        });
    fields.end()?;
    found
}

fn endpoint(node: &Node<'_>, report: &mut Report) -> Read<Endpoint> {
    decode(node, report, &ENDPOINT)
}

/// An endpoint of an `ExternalService`, which has no versions.
pub(super) fn external_endpoint(node: &Node<'_>, report: &mut Report) -> Read<Endpoint> {
    decode(node, report, &EXTERNAL_ENDPOINT)
}

fn decode(node: &Node<'_>, report: &mut Report, shape: &'static Shape) -> Read<Endpoint> {
    let mut fields = Fields::open(node, shape, report)?;
    let address = fields.required("address", address);
    let version = if shape.fields.contains(&"version") {
        fields.optional("version", name)
    } else {
        Ok(None)
    };
    let locality = fields.optional("locality", zone);
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
