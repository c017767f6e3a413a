//! How what a check compares is asked of the algebra.

use mesh_ir::{
    AccessRule, CallerMatch, EncodedSlash, Limit, Protocol, RequestMatch, Scope, Target,
};

use super::Subject;
use crate::algebra::{Mode, Rule, Side, Universe};

/// The requests at the ports that a target speaks of.
pub(super) fn universe(subject: &Subject<'_>, target: &Target) -> Universe<'static> {
    let service = match &target.scope {
        Scope::Service(id) => subject.lowered.services.get(id).map(|it| &**it),
        _ => None,
    };
    let is_strict = service.is_some_and(|it| it.is_strict(target));
    Universe {
        side: if is_strict {
            Side::StrictCallee
        } else {
            Side::Callee
        },
        protocol: Protocol::Http,
        encoded_slash: service.is_none_or(|it| it.encoded_slash == EncodedSlash::Judge),
        hosts: &[],
        identities: &[],
    }
}

/// An entry of a document about a target, as one that opens or closes.
pub(super) fn access_rule<'r, 'c: 'r>(
    subject: &Subject<'c>,
    target: &'r Target,
    rule: &'r AccessRule,
    mode: Mode,
) -> Rule<'r> {
    written(subject, target, (&rule.from, &rule.matches), mode)
}

/// A limit.
pub(super) fn limit_rule<'r, 'c: 'r>(
    subject: &Subject<'c>,
    target: &'r Target,
    limit: &'r Limit,
) -> Rule<'r> {
    written(subject, target, (&limit.from, &limit.matches), Mode::Plain)
}

fn written<'r, 'c: 'r>(
    subject: &Subject<'c>,
    target: &'r Target,
    (from, matches): (&'r [CallerMatch], &'r [RequestMatch]),
    mode: Mode,
) -> Rule<'r> {
    Rule {
        from,
        hosts: &target.hosts,
        matches,
        mode,
        trust_domain: &subject.lowered.settings.trust_domain,
    }
}
