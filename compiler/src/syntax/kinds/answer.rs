use super::headers::edited_headers;
use super::ports::port_number;
use crate::syntax::ast::{Redirect, Respond, Rewrite, Spanned};
use crate::syntax::codes::{invalid_value, missing_field};
use crate::syntax::decode::scalar::{integer, word};
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{any_text, host, path_template};

pub(in crate::syntax) const REWRITE: Shape = Shape {
    what: "`rewrite`",
    fields: &["path", "host"],
};

pub(in crate::syntax) const REDIRECT: Shape = Shape {
    what: "`redirect`",
    fields: &["scheme", "host", "port", "path", "status"],
};

pub(in crate::syntax) const RESPOND: Shape = Shape {
    what: "`respond`",
    fields: &["status", "headers", "body"],
};

/// The largest `body` of a `respond`, in bytes.
const MOST_BODY: usize = 64 << 10;

pub(super) fn rewrite(node: &Node<'_>, report: &mut Report) -> Read<Rewrite> {
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

pub(super) fn redirect(node: &Node<'_>, report: &mut Report) -> Read<Redirect> {
    let mut fields = Fields::open(node, &REDIRECT, report)?;
    let scheme = fields.optional("scheme", |node, report| {
        let found = word(node, report, &SCHEMES)?;
        Ok(Spanned::new(found.value.to_owned(), found.span))
    });
    let host = fields.optional("host", host);
    let port = fields.optional("port", port_number);
    let path = fields.optional("path", path_template);
    let status = fields.optional("status", redirect_status);
    if ["scheme", "host", "port", "path"]
        .iter()
        .all(|field| !fields.has(field))
    {
        let error = missing_field::one_of(
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

pub(super) fn respond(node: &Node<'_>, report: &mut Report) -> Read<Respond> {
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

pub(in crate::syntax) const SCHEMES: [(&str, &str); 2] = [("http", "http"), ("https", "https")];

const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];
