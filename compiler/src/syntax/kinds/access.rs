use super::authorizer::authorizer;
use super::caller::{allowed_caller, caller};
use super::common::exception;
use super::matching::request_match;
use super::target::{self, target};
use crate::syntax::ast::{Access, AccessRule};
use crate::syntax::codes::missing_field;
use crate::syntax::decode::scalar::boolean;
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::name;

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of an Access",
    fields: &[
        "service",
        "gateway",
        "external",
        "all",
        "ports",
        "hosts",
        "allow",
        "deny",
        "audit",
        "authorizer",
        "shadow",
    ],
};

pub(in crate::syntax) const ALLOW: Shape = Shape {
    what: "an entry of `allow`",
    fields: &["name", "from", "match", "exception"],
};

pub(in crate::syntax) const DENY: Shape = Shape {
    what: "an entry of `deny` or `audit`",
    fields: &["name", "from", "match"],
};

/// The parts of a `spec`, at least one of which is there.
const PARTS: &[&str] = &["allow", "deny", "audit", "authorizer"];

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Access> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let target = target(&mut fields, target::ANY);
    let allow = fields.list("allow", allow);
    let deny = fields.list("deny", deny_or_audit);
    let audit = fields.list("audit", deny_or_audit);
    let authorizer = fields.optional("authorizer", authorizer);
    let shadow = fields.optional("shadow", boolean);
    let says_something = PARTS.iter().any(|part| fields.has(part));
    let place = fields.place();
    let report = fields.end_with()?;
    if !says_something {
        return Err(report.push(missing_field::one_of(place, PARTS, SPEC.what)));
    }
    Ok(Access {
        target: target?,
        allow: allow?,
        deny: deny?,
        audit: audit?,
        authorizer: authorizer?,
        shadow: shadow?,
    })
}

fn allow(node: &Node<'_>, report: &mut Report) -> Read<AccessRule> {
    let mut fields = Fields::open(node, &ALLOW, report)?;
    let name = fields.optional("name", name);
    let from = fields.required("from", |node, report| list_of(node, report, allowed_caller));
    let matches = fields.list("match", request_match);
    let exception = fields.optional("exception", exception);
    fields.end()?;
    Ok(AccessRule {
        name: name?,
        from: from?,
        matches: matches?,
        exception: exception?,
        span: node.span,
    })
}

/// Says `from` or `match`, or both.
fn deny_or_audit(node: &Node<'_>, report: &mut Report) -> Read<AccessRule> {
    let mut fields = Fields::open(node, &DENY, report)?;
    let name = fields.optional("name", name);
    let from = fields.list("from", caller);
    let matches = fields.list("match", request_match);
    let says_something = fields.has("from") || fields.has("match");
    let place = fields.place();
    let report = fields.end_with()?;
    if !says_something {
        let error = missing_field::one_of(place, &["from", "match"], DENY.what);
        return Err(report.push(error));
    }
    Ok(AccessRule {
        name: name?,
        from: from?,
        matches: matches?,
        exception: None,
        span: node.span,
    })
}
