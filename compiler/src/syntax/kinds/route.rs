use super::answer::{redirect, respond, rewrite};
use super::backend::{backend, fallback, mirror};
use super::caller::{caller, refuse_unseen};
use super::common::rule_retries;
use super::cors::cors;
use super::fault::fault;
use super::headers::headers;
use super::matching::request_match;
use super::target::{self, target};
use crate::syntax::ast::{Action, Forward, Route, Rule, TargetScope};
use crate::syntax::decode::scalar::integer;
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{bound, duration, key, name};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Route",
    fields: &["service", "gateway", "external", "ports", "hosts", "rules"],
};

pub(in crate::syntax) const RULE: Shape = Shape {
    what: "a rule of a Route",
    fields: &[
        "name",
        "priority",
        "from",
        "match",
        "to",
        "splitBy",
        "fallback",
        "mirror",
        "rewrite",
        "redirect",
        "respond",
        "headers",
        "timeout",
        "perTryTimeout",
        "maxDuration",
        "retries",
        "fault",
        "cors",
    ],
};

/// The fields of a rule that forwards.
const FORWARDS: &[&str] = &[
    "to",
    "splitBy",
    "fallback",
    "mirror",
    "rewrite",
    "headers",
    "timeout",
    "perTryTimeout",
    "maxDuration",
    "retries",
    "fault",
];

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Route> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let target = target(&mut fields, target::ONE);
    let rules = fields.required("rules", |node, report| list_of(node, report, rule));
    let is_gateway = fields.has("gateway");
    if is_gateway && !fields.has("hosts") {
        return Err(fields.missing("hosts"));
    }
    let report = fields.end_with()?;
    let (target, rules) = (target?, rules?);
    if !matches!(target.scope, TargetScope::Gateway(_)) {
        let unseen = rules.iter().map(|rule| refuse_unseen(&rule.from, report));
        unseen.fold(Ok(()), Result::and)?;
    }
    Ok(Route { target, rules })
}

fn rule(node: &Node<'_>, report: &mut Report) -> Read<Rule> {
    let mut fields = Fields::open(node, &RULE, report)?;
    fields.excludes("redirect", &["respond"]);
    fields.excludes("redirect", FORWARDS);
    fields.excludes("respond", FORWARDS);
    let name = fields.optional("name", name);
    let priority = fields.optional("priority", |node, report| {
        integer(node, report, -1_000_000..=1_000_000)
    });
    let from = fields.list("from", caller);
    let matches = fields.list("match", request_match);
    let cors = fields.optional("cors", cors);
    let action = if fields.has("redirect") {
        fields.required("redirect", redirect).map(Action::Redirect)
    } else if fields.has("respond") {
        fields.required("respond", respond).map(Action::Respond)
    } else {
        forward(&mut fields).map(Action::Forward)
    };
    fields.end()?;
    Ok(Rule {
        name: name?,
        priority: priority?,
        from: from?,
        matches: matches?,
        cors: cors?,
        action: action?,
        span: node.span,
    })
}

fn forward(fields: &mut Fields<'_, '_, '_>) -> Read<Forward> {
    let to = fields.list("to", backend);
    let split_by = fields.list("splitBy", key);
    let fallback = fields.list("fallback", fallback);
    let mirror = fields.list("mirror", mirror);
    let rewrite = fields.optional("rewrite", rewrite);
    let headers = fields.optional("headers", headers);
    let timeout = fields.optional("timeout", bound);
    let per_try_timeout = fields.optional("perTryTimeout", duration);
    let max_duration = fields.optional("maxDuration", bound);
    let retries = fields.optional("retries", rule_retries);
    let fault = fields.optional("fault", fault);
    Ok(Forward {
        to: to?,
        fallback: fallback?,
        mirror: mirror?,
        split_by: split_by?,
        rewrite: rewrite?,
        headers: headers?.unwrap_or_default(),
        timeout: timeout?,
        per_try_timeout: per_try_timeout?,
        retries: retries?,
        max_duration: max_duration?,
        fault: fault?,
    })
}
