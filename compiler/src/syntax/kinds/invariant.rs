use super::caller::qualified_caller;
use super::matching::request_match;
use crate::syntax::ast::{Claim, Destination, DestinationOf, Invariant};
use crate::syntax::codes::missing_field;
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{name, qualified_reference};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of an Invariant",
    fields: &["never", "always"],
};

pub(in crate::syntax) const CLAIM: Shape = Shape {
    what: "an entry of `never` or `always`",
    fields: &["name", "from", "to", "match"],
};

pub(in crate::syntax) const DESTINATION: Shape = Shape {
    what: "an entry of `to` of an Invariant",
    fields: &["service", "gateway", "external", "namespace", "ports"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Invariant> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let never = fields.list("never", claim);
    let always = fields.list("always", claim);
    let says_something = SPEC.fields.iter().any(|field| fields.has(field));
    let place = fields.place();
    let report = fields.end_with()?;
    if !says_something {
        return Err(report.push(missing_field::one_of(place, SPEC.fields, SPEC.what)));
    }
    Ok(Invariant {
        never: never?,
        always: always?,
    })
}

fn claim(node: &Node<'_>, report: &mut Report) -> Read<Claim> {
    let mut fields = Fields::open(node, &CLAIM, report)?;
    let name = fields.optional("name", name);
    let from = fields.required("from", |node, report| {
        list_of(node, report, qualified_caller)
    });
    let to = fields.required("to", |node, report| list_of(node, report, destination));
    let matches = fields.list("match", request_match);
    fields.end()?;
    Ok(Claim {
        name: name?,
        from: from?,
        to: to?,
        matches: matches?,
        span: node.span,
    })
}

fn destination(node: &Node<'_>, report: &mut Report) -> Read<Destination> {
    let mut fields = Fields::open(node, &DESTINATION, report)?;
    let what = fields
        .one_of(&["service", "gateway", "external", "namespace"])
        .and_then(|field| match field {
            "service" => fields
                .required(field, qualified_reference)
                .map(DestinationOf::Service),
            "gateway" => fields
                .required(field, qualified_reference)
                .map(DestinationOf::Gateway),
            "external" => fields
                .required(field, qualified_reference)
                .map(DestinationOf::External),
            _ => fields.required(field, name).map(DestinationOf::Namespace),
        });
    let ports = fields.list("ports", name);
    fields.end()?;
    Ok(Destination {
        what: what?,
        ports: ports?,
        span: node.span,
    })
}
