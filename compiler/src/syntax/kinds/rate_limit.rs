use super::caller::caller;
use super::matching::request_match;
use super::target::target;
use crate::syntax::ast::{Limit, RateLimit, Spanned};
use crate::syntax::decode::scalar::{boolean, integer, word};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{key, name, rate};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a RateLimit",
    fields: &["service", "all", "ports", "hosts", "limits"],
    later: &["gateway", "external", "provider"],
};

pub(in crate::syntax) const LIMIT: Shape = Shape {
    what: "an entry of `limits`",
    fields: &[
        "name", "from", "match", "per", "rate", "burst", "scope", "respond", "shadow",
    ],
    later: &[],
};

pub(in crate::syntax) const RESPOND: Shape = Shape {
    what: "`respond` of a limit",
    fields: &["status"],
    later: &[],
};

/// The largest `burst`.
const MOST_BURST: u64 = 1_000_000_000;

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<RateLimit> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let target = target(&mut fields);
    let limits = fields.required("limits", |node, report| list_of(node, report, limit));
    fields.end()?;
    Ok(RateLimit {
        target: target?,
        limits: limits?,
        provider: None,
    })
}

fn limit(node: &Node<'_>, report: &mut Report) -> Read<Limit> {
    let mut fields = Fields::open(node, &LIMIT, report)?;
    let name = fields.optional("name", name);
    let from = fields.list("from", caller);
    let matches = fields.list("match", request_match);
    let per = fields.list("per", key);
    let rate = fields.required("rate", rate);
    let burst = fields.optional("burst", |node, report| {
        integer(node, report, 1..=MOST_BURST)
    });
    let scope = fields.optional("scope", |node, report| {
        word(node, report, &[("proxy", ())], &["fleet"])
    });
    let status = fields.optional("respond", respond);
    let shadow = fields.optional("shadow", boolean);
    fields.end()?;
    scope?;
    Ok(Limit {
        name: name?,
        from: from?,
        matches: matches?,
        per: per?,
        rate: rate?,
        burst: burst?,
        scope: None,
        status: status?,
        shadow: shadow?,
        span: node.span,
    })
}

fn respond(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u16>> {
    let mut fields = Fields::open(node, &RESPOND, report)?;
    let status = fields.required("status", |node, report| integer(node, report, 400..=599));
    fields.end()?;
    status
}
