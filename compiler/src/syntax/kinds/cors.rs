use super::matching::REGEX;
use crate::syntax::ast::{Cors, Origin, Spanned};
use crate::syntax::codes::invalid_value;
use crate::syntax::decode::scalar::boolean;
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{self, duration, header_name, method, named_header, text};

pub(in crate::syntax) const CORS: Shape = Shape {
    what: "`cors`",
    fields: &[
        "origins",
        "methods",
        "headers",
        "expose",
        "credentials",
        "maxAge",
    ],
};

pub(super) fn cors(node: &Node<'_>, report: &mut Report) -> Read<Cors> {
    let mut fields = Fields::open(node, &CORS, report)?;
    let origins = fields.required("origins", |node, report| list_of(node, report, origin));
    let methods = fields.list("methods", method);
    let headers = fields.list("headers", header);
    let expose = fields.list("expose", header);
    let credentials = fields.optional("credentials", boolean);
    let max_age = fields.optional("maxAge", duration);
    let report = fields.end_with()?;
    let (origins, credentials) = (origins?, credentials?);
    let any = origins.iter().find(|it| it.value == Origin::Any);
    if let (Some(any), Some(Spanned { value: true, .. })) = (any, &credentials) {
        let (what, reason) = (
            "an origin beside `credentials: true`",
            "with cookies, name who may read the answers",
        );
        return Err(report.push(invalid_value::error(any.span, "*", what, reason)));
    }
    Ok(Cors {
        origins,
        methods: methods?,
        headers: headers?,
        expose: expose?,
        credentials,
        max_age: max_age?,
        span: node.span,
    })
}

/// `https://shop.example`, `"*"` or `{regex: …}`.
fn origin(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Origin>> {
    if let NodeKind::Map(_) = node.kind {
        let mut fields = Fields::open(node, &REGEX, report)?;
        let regex = fields.required("regex", text);
        fields.end()?;
        return regex.map(|regex| Spanned::new(Origin::Regex(regex.value), regex.span));
    }
    values::origin(node, report)
}

fn header(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    named_header(node, report, header_name)
}
