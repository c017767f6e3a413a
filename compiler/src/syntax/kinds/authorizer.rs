use super::common::exception;
use super::matching::request_match;
use crate::syntax::ast::{Authorizer, AuthorizerProtocol, OnFailure};
use crate::syntax::codes::without_effect;
use crate::syntax::decode::scalar::word;
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, name, reference};

pub(in crate::syntax) const AUTHORIZER: Shape = Shape {
    what: "`authorizer`",
    fields: &[
        "service",
        "port",
        "protocol",
        "timeout",
        "onFailure",
        "exception",
        "match",
    ],
};

pub(super) fn authorizer(node: &Node<'_>, report: &mut Report) -> Read<Authorizer> {
    let mut fields = Fields::open(node, &AUTHORIZER, report)?;
    let service = fields.required("service", reference);
    let port = fields.optional("port", name);
    let protocol = fields.optional("protocol", |node, report| {
        word(node, report, &AUTHORIZER_PROTOCOLS)
    });
    let timeout = fields.optional("timeout", duration);
    let on_failure = fields.optional("onFailure", |node, report| word(node, report, &ON_FAILURE));
    let exception = fields.optional("exception", exception);
    let matches = fields.list("match", request_match);
    let report = fields.end_with()?;
    let (on_failure, exception) = (on_failure?, exception?);
    let opens = on_failure.is_some_and(|it| it.value == OnFailure::Allow);
    if let (false, Some(exception)) = (opens, &exception) {
        let why = "only `onFailure: allow` opens something";
        return Err(report.push(without_effect::error(exception.span, "exception", why)));
    }
    Ok(Authorizer {
        service: service?,
        port: port?,
        protocol: protocol?,
        timeout: timeout?,
        on_failure,
        exception,
        matches: matches?,
        span: node.span,
    })
}

pub(in crate::syntax) const AUTHORIZER_PROTOCOLS: [(&str, AuthorizerProtocol); 2] = [
    ("grpc", AuthorizerProtocol::Grpc),
    ("http", AuthorizerProtocol::Http),
];

pub(in crate::syntax) const ON_FAILURE: [(&str, OnFailure); 2] =
    [("deny", OnFailure::Deny), ("allow", OnFailure::Allow)];
