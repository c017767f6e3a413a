use super::matching::claims;
use crate::diagnostic::Span;
use crate::syntax::ast::{Caller, Reference, Spanned, TokenMatch, Who};
use crate::syntax::codes::{missing_field, only_at_gateway, unqualified};
use crate::syntax::decode::scalar::only_true;
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{cidr, identity, name, reference, text};

pub(in crate::syntax) const CALLER: Shape = Shape {
    what: "an entry of `from`",
    fields: &[
        "service",
        "gateway",
        "namespace",
        "identity",
        "authenticated",
        "anyone",
        "reason",
        "cidr",
        "token",
        "not",
    ],
};

pub(in crate::syntax) const TOKEN: Shape = Shape {
    what: "`token`",
    fields: &["issuer", "claims"],
};

const WHO: &[&str] = &[
    "service",
    "gateway",
    "namespace",
    "identity",
    "authenticated",
    "anyone",
];

/// One entry of `from`, or of a `not` below one.
pub(super) fn caller(node: &Node<'_>, report: &mut Report) -> Read<Caller> {
    let mut fields = Fields::open(node, &CALLER, report)?;
    let who = who(&mut fields, WHO);
    let cidr = fields.optional("cidr", cidr);
    let token = fields.optional("token", token);
    let not = fields.list("not", caller);
    let reason = fields.optional("reason", text);
    fields.end()?;
    Ok(Caller {
        who: who?,
        cidr: cidr?,
        token: token?,
        not: not?,
        reason: reason?,
        span: node.span,
    })
}

/// The one of these fields that says who.
pub(super) fn who(fields: &mut Fields<'_, '_, '_>, names: &'static [&'static str]) -> Read<Who> {
    fields.one_of(names).and_then(|field| match field {
        "service" => fields.required(field, reference).map(Who::Service),
        "gateway" => fields.required(field, reference).map(Who::Gateway),
        "namespace" => fields.required(field, name).map(Who::Namespace),
        "identity" => fields.required(field, identity).map(Who::Identity),
        "authenticated" => fields
            .required(field, only_true)
            .map(|it| Who::Authenticated(it.span)),
        _ => fields
            .required(field, only_true)
            .map(|it| Who::Anyone(it.span)),
    })
}

fn token(node: &Node<'_>, report: &mut Report) -> Read<TokenMatch> {
    let mut fields = Fields::open(node, &TOKEN, report)?;
    let issuer = fields.required("issuer", reference);
    let claims = fields.optional("claims", claims);
    fields.end()?;
    Ok(TokenMatch {
        issuer: issuer?,
        claims: claims?.unwrap_or_default(),
        span: node.span,
    })
}

/// One entry of the `from` of an `allow`, where letting anyone in needs a reason, unless
/// a token says who it is.
pub(super) fn allowed_caller(node: &Node<'_>, report: &mut Report) -> Read<Caller> {
    let caller = caller(node, report)?;
    let is_anyone = matches!(caller.who, Who::Anyone(_)) && caller.token.is_none();
    if is_anyone && caller.reason.is_none() {
        let what = "`anyone: true` in an `allow`";
        return Err(report.push(missing_field::error(node.span, "reason", what)));
    }
    Ok(caller)
}

/// Refuses what only a gateway sees, in the rules of a `Route` about a service: the
/// caller's own proxy chooses by who the caller is.
pub(super) fn refuse_unseen(from: &[Caller], report: &mut Report) -> Read<()> {
    let mut sound = Ok(());
    for caller in from {
        if let Some((at, field)) = unseen(caller) {
            sound = Err(report.push(only_at_gateway::error(at, field)));
        }
    }
    sound
}

fn unseen(caller: &Caller) -> Option<(Span, &'static str)> {
    let cidr = caller.cidr.as_ref().map(|it| (it.span, "cidr"));
    let token = caller.token.as_ref().map(|it| (it.span, "token"));
    cidr.or(token)
        .or_else(|| caller.not.iter().find_map(unseen))
}

/// One entry of `from` in a document that lies in no namespace.
pub(super) fn qualified_caller(node: &Node<'_>, report: &mut Report) -> Read<Caller> {
    let caller = caller(node, report)?;
    refuse_unqualified(&caller, report)?;
    Ok(caller)
}

fn refuse_unqualified(caller: &Caller, report: &mut Report) -> Read<()> {
    let named = match &caller.who {
        Who::Service(it) | Who::Gateway(it) => Some(it),
        _ => None,
    };
    let issuer = caller.token.as_ref().map(|it| &it.issuer);
    let is_short = |it: &&Spanned<Reference>| it.value.namespace.is_none();
    let mut sound = Ok(());
    for reference in named.into_iter().chain(issuer).filter(is_short) {
        sound = Err(report.push(unqualified::error(reference.span, &reference.value)));
    }
    for inner in &caller.not {
        sound = sound.and(refuse_unqualified(inner, report));
    }
    sound
}
