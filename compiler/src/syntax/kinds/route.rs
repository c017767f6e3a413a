use super::caller::routed_caller;
use super::common::rule_retries;
use super::matching::{refuse_repeated, request_match};
use crate::syntax::ast::{
    Action, Backend, BackendTarget, Forward, HeaderEdits, Headers, Named, Redirect, Respond,
    Rewrite, Route, Rule, Spanned, Target, TargetScope,
};
use crate::syntax::codes::invalid_value;
use crate::syntax::decode::scalar::{integer, scalar, word};
use crate::syntax::decode::{Fields, Shape, list_of, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{
    any_text, bound, duration, edited_header, header_value, host, key, name, path_template,
    reference,
};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Route",
    fields: &["service", "ports", "rules"],
    later: &["gateway", "external", "hosts"],
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
        "rewrite",
        "redirect",
        "respond",
        "headers",
        "timeout",
        "perTryTimeout",
        "retries",
    ],
    later: &["mirror", "fault", "cors", "fallback", "maxDuration"],
};

/// The fields of a rule that forwards.
const FORWARDS: &[&str] = &[
    "to",
    "splitBy",
    "rewrite",
    "headers",
    "timeout",
    "perTryTimeout",
    "retries",
];

pub(in crate::syntax) const BACKEND: Shape = Shape {
    what: "an entry of `to`",
    fields: &["version", "service", "weight", "headers"],
    later: &["external", "port"],
};

pub(in crate::syntax) const REWRITE: Shape = Shape {
    what: "`rewrite`",
    fields: &["path", "host"],
    later: &[],
};

pub(in crate::syntax) const REDIRECT: Shape = Shape {
    what: "`redirect`",
    fields: &["scheme", "host", "port", "path", "status"],
    later: &[],
};

pub(in crate::syntax) const RESPOND: Shape = Shape {
    what: "`respond`",
    fields: &["status", "headers", "body"],
    later: &[],
};

pub(in crate::syntax) const HEADERS: Shape = Shape {
    what: "`headers`",
    fields: &["request", "response"],
    later: &[],
};

pub(in crate::syntax) const EDITS: Shape = Shape {
    what: "edits of headers",
    fields: &["set", "add", "remove"],
    later: &[],
};

/// The largest `body` of a `respond`, in bytes.
const MOST_BODY: usize = 64 << 10;

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Route> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let service = fields
        .one_of(&["service"])
        .and_then(|field| fields.required(field, reference));
    let ports = fields.list("ports", name);
    let rules = fields.required("rules", |node, report| list_of(node, report, rule));
    fields.end()?;
    Ok(Route {
        target: Target {
            scope: TargetScope::Service(service?),
            ports: ports?,
            hosts: vec![],
        },
        rules: rules?,
    })
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
    let from = fields.list("from", routed_caller);
    let matches = fields.list("match", request_match);
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
        cors: None,
        action: action?,
        span: node.span,
    })
}

fn forward(fields: &mut Fields<'_, '_, '_>) -> Read<Forward> {
    let to = fields.list("to", backend);
    let split_by = fields.list("splitBy", key);
    let rewrite = fields.optional("rewrite", rewrite);
    let headers = fields.optional("headers", headers);
    let timeout = fields.optional("timeout", bound);
    let per_try_timeout = fields.optional("perTryTimeout", duration);
    let retries = fields.optional("retries", rule_retries);
    Ok(Forward {
        to: to?,
        fallback: vec![],
        mirror: vec![],
        split_by: split_by?,
        rewrite: rewrite?,
        headers: headers?.unwrap_or_default(),
        timeout: timeout?,
        per_try_timeout: per_try_timeout?,
        retries: retries?,
        max_duration: None,
        fault: None,
    })
}

fn backend(node: &Node<'_>, report: &mut Report) -> Read<Backend> {
    let mut fields = Fields::open(node, &BACKEND, report)?;
    let target = fields
        .one_of(&["version", "service"])
        .and_then(|field| match field {
            "version" => fields.required(field, name).map(BackendTarget::Version),
            _ => fields
                .required(field, reference)
                .map(BackendTarget::Service),
        });
    let weight = fields.optional("weight", |node, report| {
        integer(node, report, 0..=1_000_000)
    });
    let headers = fields.optional("headers", headers);
    fields.end()?;
    Ok(Backend {
        target: target?,
        port: None,
        weight: weight?,
        headers: headers?.unwrap_or_default(),
        span: node.span,
    })
}

fn rewrite(node: &Node<'_>, report: &mut Report) -> Read<Rewrite> {
    let mut fields = Fields::open(node, &REWRITE, report)?;
    let path = fields.optional("path", path_template);
    let host = fields.optional("host", host);
    fields.end()?;
    Ok(Rewrite {
        path: path?,
        host: host?,
        span: node.span,
    })
}

fn redirect(node: &Node<'_>, report: &mut Report) -> Read<Redirect> {
    let mut fields = Fields::open(node, &REDIRECT, report)?;
    let scheme = fields.optional("scheme", |node, report| {
        let found = word(node, report, &SCHEMES, &[])?;
        Ok(Spanned::new(found.value.to_owned(), found.span))
    });
    let host = fields.optional("host", host);
    let port = fields.optional("port", |node, report| integer(node, report, 1..=u16::MAX));
    let path = fields.optional("path", path_template);
    let status = fields.optional("status", redirect_status);
    if ["scheme", "host", "port", "path"]
        .iter()
        .all(|field| !fields.has(field))
    {
        let error = crate::syntax::codes::missing_field::one_of(
            fields.place(),
            &["scheme", "host", "port", "path"],
            REDIRECT.what,
        );
        return Err(fields.report.push(error));
    }
    fields.end()?;
    Ok(Redirect {
        status: status?,
        scheme: scheme?,
        host: host?,
        port: port?,
        path: path?,
        span: node.span,
    })
}

fn redirect_status(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u16>> {
    let status = integer(node, report, 300_u16..=399)?;
    if REDIRECTS.contains(&status.value) {
        return Ok(status);
    }
    let (text, reason) = (
        status.value.to_string(),
        "one of 301, 302, 303, 307 and 308",
    );
    let what = "the status of a redirect";
    Err(report.push(invalid_value::error(node.span, &text, what, reason)))
}

fn respond(node: &Node<'_>, report: &mut Report) -> Read<Respond> {
    let mut fields = Fields::open(node, &RESPOND, report)?;
    let status = fields.required("status", |node, report| integer(node, report, 200..=599));
    let headers = fields.optional("headers", edited_headers);
    let body = fields.optional("body", body);
    fields.end()?;
    Ok(Respond {
        status: status?,
        headers: headers?.unwrap_or_default(),
        body: body?,
        span: node.span,
    })
}

fn body(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    let body = any_text(node, report)?;
    if body.value.len() <= MOST_BODY {
        return Ok(body);
    }
    let reason = format!("at most 64 KiB, this has {} bytes", body.value.len());
    Err(report.push(invalid_value::error(
        node.span,
        &body.value,
        "a body",
        reason,
    )))
}

fn headers(node: &Node<'_>, report: &mut Report) -> Read<Headers> {
    let mut fields = Fields::open(node, &HEADERS, report)?;
    let request = fields.optional("request", edits);
    let response = fields.optional("response", edits);
    fields.end()?;
    Ok(Headers {
        request: request?.unwrap_or_default(),
        response: response?.unwrap_or_default(),
    })
}

fn edits(node: &Node<'_>, report: &mut Report) -> Read<HeaderEdits> {
    let mut fields = Fields::open(node, &EDITS, report)?;
    let set = fields.optional("set", edited_headers);
    let add = fields.optional("add", edited_headers);
    let remove = fields.list("remove", |node, report| {
        let text = scalar(node, report, "the name of a header")?.text.clone();
        edited_header(Spanned::new(text.as_ref(), node.span), report)
    });
    fields.end()?;
    Ok(HeaderEdits {
        set: set?.unwrap_or_default(),
        add: add?.unwrap_or_default(),
        remove: remove?,
    })
}

fn edited_headers(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<String>>> {
    let mut found = map_of(node, report, |key, value, report| {
        let name = edited_header(key, report);
        let value = header_value(value, report);
        Ok(Named {
            name: name?,
            value: value?,
        })
    })?;
    refuse_repeated(&mut found, report)?;
    Ok(found)
}

const SCHEMES: [(&str, &str); 2] = [("http", "http"), ("https", "https")];

const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];
