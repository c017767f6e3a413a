use crate::syntax::ast::{Exception, LoadBalancing, Policy, Retries, RetriesBackoff, Spanned};
use crate::syntax::decode::scalar::{boolean, integer, word};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, end_of_date, percent, retry_on, text};

pub(in crate::syntax) const EXCEPTION: Shape = Shape {
    what: "an exception",
    fields: &["owner", "reason", "expires"],
    later: &[],
};

pub(in crate::syntax) const RETRIES: Shape = Shape {
    what: "`retries`",
    fields: &["attempts", "retryOn", "backoff", "budget"],
    later: &[],
};

pub(in crate::syntax) const RULE_RETRIES: Shape = Shape {
    what: "`retries` of a rule",
    fields: &["attempts", "retryOn", "backoff", "budget", "idempotent"],
    later: &[],
};

pub(in crate::syntax) const BACKOFF: Shape = Shape {
    what: "`backoff`",
    fields: &["base", "max"],
    later: &[],
};

pub(in crate::syntax) const LOAD_BALANCING: Shape = Shape {
    what: "`loadBalancing`",
    fields: &["policy"],
    later: &["by", "setCookie", "slowStart", "locality", "panic"],
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
    fields.end()?;
    Ok(RetriesBackoff {
        base: base?,
        max: max?,
        span: node.span,
    })
}

/// `{policy: …}`.
pub(super) fn load_balancing(node: &Node<'_>, report: &mut Report) -> Read<LoadBalancing> {
    let mut fields = Fields::open(node, &LOAD_BALANCING, report)?;
    let policy = fields.required("policy", |node, report| {
        word(node, report, &POLICIES, &LATER_POLICIES)
    });
    fields.end()?;
    Ok(LoadBalancing {
        policy: Some(policy?),
        by: vec![],
        set_cookie: None,
        slow_start: None,
        locality: None,
        panic: None,
        span: node.span,
    })
}

pub(in crate::syntax) const POLICIES: [(&str, Policy); 3] = [
    ("round-robin", Policy::RoundRobin),
    ("random", Policy::Random),
    ("least-request", Policy::LeastRequest),
];

const LATER_POLICIES: [&str; 4] = ["ewma", "ring-hash", "maglev", "original-destination"];
