use crate::diagnostic::Span;
use crate::syntax::ast::{Caller, Who};
use crate::syntax::codes::not_supported;
use crate::syntax::decode::scalar::only_true;
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{cidr, identity, name, reference, text};

pub(in crate::syntax) const CALLER: Shape = Shape {
    what: "an entry of `from`",
    fields: &[
        "service",
        "namespace",
        "identity",
        "authenticated",
        "anyone",
        "reason",
        "cidr",
        "not",
    ],
    later: &["gateway", "token"],
};

const WHO: &[&str] = &[
    "service",
    "namespace",
    "identity",
    "authenticated",
    "anyone",
];

/// One entry of `from`, or of a `not` below one.
pub(super) fn caller(node: &Node<'_>, report: &mut Report) -> Read<Caller> {
    let mut fields = Fields::open(node, &CALLER, report)?;
    let who = fields.one_of(WHO).and_then(|field| match field {
        "service" => fields.required(field, reference).map(Who::Service),
        "namespace" => fields.required(field, name).map(Who::Namespace),
        "identity" => fields.required(field, identity).map(Who::Identity),
        "authenticated" => fields
            .required(field, only_true)
            .map(|it| Who::Authenticated(it.span)),
        _ => fields
            .required(field, only_true)
            .map(|it| Who::Anyone(it.span)),
    });
    let cidr = fields.optional("cidr", cidr);
    let not = fields.list("not", caller);
    let reason = fields.optional("reason", text);
    fields.end()?;
    Ok(Caller {
        who: who?,
        cidr: cidr?,
        token: None,
        not: not?,
        reason: reason?,
        span: node.span,
    })
}

/// One entry of the `from` of a rule of a `Route`, which the caller's own proxy
/// judges: it knows who it is, and no address.
pub(super) fn routed_caller(node: &Node<'_>, report: &mut Report) -> Read<Caller> {
    let caller = caller(node, report)?;
    match cidr_within(&caller) {
        Some(at) => Err(report.push(not_supported::address_in_route(at))),
        None => Ok(caller),
    }
}

fn cidr_within(caller: &Caller) -> Option<Span> {
    let own = caller.cidr.as_ref().map(|it| it.span);
    own.or_else(|| caller.not.iter().find_map(cidr_within))
}

/// One entry of the `from` of an `allow`, where letting anyone in needs a reason.
pub(super) fn allowed_caller(node: &Node<'_>, report: &mut Report) -> Read<Caller> {
    let caller = caller(node, report)?;
    if matches!(caller.who, Who::Anyone(_)) && caller.reason.is_none() {
        let what = "`anyone: true` in an `allow`";
        let error = crate::syntax::codes::missing_field::error(node.span, "reason", what);
        return Err(report.push(error));
    }
    Ok(caller)
}
