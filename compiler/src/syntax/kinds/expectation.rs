use crate::syntax::ast::{ExpectForward, Expectation, Named, Reference, Spanned};
use crate::syntax::codes::invalid_value;
use crate::syntax::decode::scalar::{integer, parsed};
use crate::syntax::decode::{Fields, Shape, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{any_text, bound, duration, host, name_key, reference, text};

use super::common::attempts;
use super::matching::headers;

pub(in crate::syntax) const EXPECT: Shape = Shape {
    what: "`expect`",
    fields: &["forward", "redirect", "respond", "refuse"],
};

pub(in crate::syntax) const EXPECT_FORWARD: Shape = Shape {
    what: "`forward`",
    fields: &[
        "rule",
        "service",
        "versions",
        "services",
        "timeout",
        "perTryTimeout",
        "attempts",
        "path",
        "host",
        "headers",
    ],
};

pub(in crate::syntax) const EXPECT_REDIRECT: Shape = Shape {
    what: "`redirect` of an expectation",
    fields: &["rule", "status", "location"],
};

pub(in crate::syntax) const EXPECT_RESPOND: Shape = Shape {
    what: "`respond` of an expectation",
    fields: &["rule", "status", "body"],
};

pub(in crate::syntax) const EXPECT_REFUSE: Shape = Shape {
    what: "`refuse`",
    fields: &["rule", "status", "reason"],
};

/// `expect`: the one outcome; what is left out of it may be anything.
pub(super) fn expectation(node: &Node<'_>, report: &mut Report) -> Read<Expectation> {
    let mut fields = Fields::open(node, &EXPECT, report)?;
    let found = fields.one_of(EXPECT.fields).and_then(|field| match field {
        "forward" => fields.required(field, forward),
        "redirect" => fields.required(field, redirect),
        "respond" => fields.required(field, respond),
        _ => fields.required(field, refuse),
    });
    fields.end()?;
    found
}

fn forward(node: &Node<'_>, report: &mut Report) -> Read<Expectation> {
    let mut fields = Fields::open_empty(node, &EXPECT_FORWARD, report)?;
    let rule = fields.optional("rule", text);
    let service = fields.optional("service", reference);
    let versions = fields.optional("versions", versions);
    let services = fields.optional("services", services);
    let timeout = fields.optional("timeout", bound);
    let per_try_timeout = fields.optional("perTryTimeout", duration);
    let attempts = fields.optional("attempts", attempts);
    let path = fields.optional("path", path);
    let host = fields.optional("host", host);
    let headers = fields.optional("headers", headers);
    fields.end()?;
    Ok(Expectation::Forward(Box::new(ExpectForward {
        rule: rule?,
        service: service?,
        versions: versions?.unwrap_or_default(),
        services: services?.unwrap_or_default(),
        timeout: timeout?,
        per_try_timeout: per_try_timeout?,
        attempts: attempts?,
        path: path?,
        host: host?,
        headers: headers?.unwrap_or_default(),
        span: node.span,
    })))
}

fn redirect(node: &Node<'_>, report: &mut Report) -> Read<Expectation> {
    let mut fields = Fields::open_empty(node, &EXPECT_REDIRECT, report)?;
    let rule = fields.optional("rule", text);
    let status = fields.optional("status", |node, report| integer(node, report, 300..=399));
    let location = fields.optional("location", text);
    fields.end()?;
    Ok(Expectation::Redirect {
        rule: rule?,
        status: status?,
        location: location?,
        span: node.span,
    })
}

fn respond(node: &Node<'_>, report: &mut Report) -> Read<Expectation> {
    let mut fields = Fields::open_empty(node, &EXPECT_RESPOND, report)?;
    let rule = fields.optional("rule", text);
    let status = fields.optional("status", |node, report| integer(node, report, 200..=599));
    let body = fields.optional("body", any_text);
    fields.end()?;
    Ok(Expectation::Respond {
        rule: rule?,
        status: status?,
        body: body?,
        span: node.span,
    })
}

fn refuse(node: &Node<'_>, report: &mut Report) -> Read<Expectation> {
    let mut fields = Fields::open_empty(node, &EXPECT_REFUSE, report)?;
    let rule = fields.optional("rule", text);
    let status = fields.optional("status", |node, report| integer(node, report, 400..=599));
    let reason = fields.optional("reason", text);
    fields.end()?;
    Ok(Expectation::Refuse {
        rule: rule?,
        status: status?,
        reason: reason?,
        span: node.span,
    })
}

fn versions(node: &Node<'_>, report: &mut Report) -> Read<Vec<Named<u32>>> {
    map_of(node, report, |key, value, report| {
        let name = name_key(key, report);
        let value = weight(value, report);
        let name = name?;
        Ok(Named {
            name: Spanned::new(name.value.as_str().to_owned(), name.span),
            value: value?,
        })
    })
}

fn services(node: &Node<'_>, report: &mut Report) -> Read<Vec<(Spanned<Reference>, Spanned<u32>)>> {
    map_of(node, report, |key, value, report| {
        let service = Reference::parse(key.value)
            .map(|service| Spanned::new(service, key.span))
            .map_err(|reason| {
                let what = "a reference";
                report.push(invalid_value::error(key.span, key.value, what, reason))
            });
        let value = weight(value, report);
        Ok((service?, value?))
    })
}

fn weight(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u32>> {
    integer(node, report, 0..=1_000_000)
}

/// Path and query, as the upstream gets them.
fn path(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a path", |text| {
        if !text.starts_with('/') {
            Err("a path starts with `/`")
        } else if text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(text.to_owned())
        } else {
            Err("visible ASCII characters only")
        }
    })
}
