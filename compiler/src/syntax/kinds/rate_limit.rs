use super::authorizer::ON_FAILURE;
use super::caller::caller;
use super::matching::request_match;
use super::target::{self, target};
use crate::syntax::ast::{Limit, LimitScope, Provider, RateLimit, Spanned};
use crate::syntax::codes::without_effect;
use crate::syntax::decode::scalar::{boolean, integer, word};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, key, name, rate, reference, text};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a RateLimit",
    fields: &[
        "service", "gateway", "external", "all", "ports", "hosts", "limits", "provider",
    ],
};

pub(in crate::syntax) const PROVIDER: Shape = Shape {
    what: "`provider`",
    fields: &["service", "port", "domain", "timeout", "onFailure"],
};

pub(in crate::syntax) const LIMIT: Shape = Shape {
    what: "an entry of `limits`",
    fields: &[
        "name", "from", "match", "per", "rate", "burst", "scope", "respond", "shadow",
    ],
};

pub(in crate::syntax) const RESPOND: Shape = Shape {
    what: "`respond` of a limit",
    fields: &["status"],
};

/// The largest `burst`.
const MOST_BURST: u64 = 1_000_000_000;

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<RateLimit> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let target = target(&mut fields, target::ANY);
    let limits = fields.required("limits", |node, report| list_of(node, report, limit));
    let provider = fields.optional("provider", provider);
    let report = fields.end_with()?;
    let (limits, provider) = (limits?, provider?);
    let is_fleet = |limit: &Limit| limit.scope.is_some_and(|it| it.value == LimitScope::Fleet);
    if let (Some(provider), false) = (&provider, limits.iter().any(is_fleet)) {
        let why = "it counts limits of `scope: fleet`, and there is none";
        return Err(report.push(without_effect::error(provider.span, "provider", why)));
    }
    Ok(RateLimit {
        target: target?,
        limits,
        provider,
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
    let scope = fields.optional("scope", |node, report| word(node, report, &SCOPES));
    let status = fields.optional("respond", respond);
    let shadow = fields.optional("shadow", boolean);
    fields.end()?;
    Ok(Limit {
        name: name?,
        from: from?,
        matches: matches?,
        per: per?,
        rate: rate?,
        burst: burst?,
        scope: scope?,
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

fn provider(node: &Node<'_>, report: &mut Report) -> Read<Provider> {
    let mut fields = Fields::open(node, &PROVIDER, report)?;
    let service = fields.required("service", reference);
    let port = fields.optional("port", name);
    let domain = fields.required("domain", text);
    let timeout = fields.optional("timeout", duration);
    let on_failure = fields.optional("onFailure", |node, report| word(node, report, &ON_FAILURE));
    fields.end()?;
    Ok(Provider {
        service: service?,
        port: port?,
        domain: domain?,
        timeout: timeout?,
        on_failure: on_failure?,
        span: node.span,
    })
}

pub(in crate::syntax) const SCOPES: [(&str, LimitScope); 2] =
    [("proxy", LimitScope::Proxy), ("fleet", LimitScope::Fleet)];
