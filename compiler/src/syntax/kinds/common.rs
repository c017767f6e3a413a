use super::health::refuse_order;
use crate::syntax::ast::{Exception, Retries, RetriesBackoff, Spanned};
use crate::syntax::decode::scalar::{boolean, integer};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, end_of_date, percent, retry_on, text};

pub(in crate::syntax) const EXCEPTION: Shape = Shape {
    what: "an exception",
    fields: &["owner", "reason", "expires"],
};

pub(in crate::syntax) const RETRIES: Shape = Shape {
    what: "`retries`",
    fields: &["attempts", "retryOn", "backoff", "budget"],
};

pub(in crate::syntax) const RULE_RETRIES: Shape = Shape {
    what: "`retries` of a rule",
    fields: &["attempts", "retryOn", "backoff", "budget", "idempotent"],
};

pub(in crate::syntax) const BACKOFF: Shape = Shape {
    what: "`backoff`",
    fields: &["base", "max"],
};

/// Retries, at most.
pub(in crate::syntax) const MOST_ATTEMPTS: u32 = 10;

pub(super) fn exception(node: &Node<'_>, report: &mut Report) -> Read<Exception> {
    let mut fields = Fields::open(node, &EXCEPTION, report)?;
    let owner = fields.required("owner", text);
    let reason = fields.required("reason", text);
    let expires = fields.required("expires", end_of_date);
    fields.end()?;
    Ok(Exception {
        owner: owner?,
        reason: reason?,
        expires: expires?,
        span: node.span,
    })
}

/// `retries` as a default.
pub(super) fn retries(node: &Node<'_>, report: &mut Report) -> Read<Retries> {
    decode_retries(node, report, &RETRIES)
}

/// `retries` of a rule, which may also say `idempotent`.
pub(super) fn rule_retries(node: &Node<'_>, report: &mut Report) -> Read<Retries> {
    decode_retries(node, report, &RULE_RETRIES)
}

fn decode_retries(node: &Node<'_>, report: &mut Report, shape: &'static Shape) -> Read<Retries> {
    let mut fields = Fields::open(node, shape, report)?;
    let attempts = fields.optional("attempts", attempts);
    let retry_on = fields.optional("retryOn", |node, report| list_of(node, report, retry_on));
    let backoff = fields.optional("backoff", backoff);
    let budget = fields.optional("budget", percent);
    let idempotent = if shape.fields.contains(&"idempotent") {
        fields.optional("idempotent", boolean)
    } else {
        Ok(None)
    };
    fields.end()?;
    Ok(Retries {
        attempts: attempts?,
        retry_on: retry_on?.unwrap_or_default(),
        backoff: backoff?,
        budget: budget?,
        idempotent: idempotent?,
        span: node.span,
    })
}

pub(super) fn attempts(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u32>> {
    integer(node, report, 0..=MOST_ATTEMPTS)
}

fn backoff(node: &Node<'_>, report: &mut Report) -> Read<RetriesBackoff> {
    let mut fields = Fields::open(node, &BACKOFF, report)?;
    let base = fields.optional("base", duration);
    let max = fields.optional("max", duration);
    let report = fields.end_with()?;
    let (base, max) = (base?, max?);
    refuse_order(("base", base), ("max", max), report)?;
    Ok(RetriesBackoff {
        base,
        max,
        span: node.span,
    })
}
