use mesh_ir::Name;

use super::Program;
use crate::syntax::ast::{Caller, Reference, RequestMatch, Spanned, Target};

/// An entry of `rules`, `allow`, `deny`, `audit` or `limits`: what all of them
/// have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// The list that it stands in.
    pub(crate) section: Section,
    /// The namespace of its document.
    pub(crate) namespace: &'a Name,
    /// The one service that it is about; `None` for several.
    pub(crate) service: Option<&'a Spanned<Reference>>,
    /// What its document speaks of.
    pub(crate) target: &'a Target,
    /// The ports that its document names.
    pub(crate) ports: &'a [Spanned<Name>],
    /// Who.
    pub(crate) from: &'a [Caller],
    /// Which requests.
    pub(crate) matches: &'a [RequestMatch],
}

/// The list that an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    /// `rules` of a `Route`.
    Rules,
    /// `allow` of an `Access`.
    Allow,
    /// `deny` of an `Access`.
    Deny,
    /// `audit` of an `Access`.
    Audit,
    /// `limits` of a `RateLimit`.
    Limits,
}

impl Program {
    /// Every entry of every document that has such.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.route_entries()
            .chain(self.access_entries())
            .chain(self.limit_entries())
    }

    fn route_entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.routes.values().flat_map(|route| {
            route.spec.rules.iter().map(move |rule| Entry {
                section: Section::Rules,
                namespace: &route.namespace.value,
                service: route.spec.target.service(),
                target: &route.spec.target,
                ports: &route.spec.target.ports,
                from: &rule.from,
                matches: &rule.matches,
            })
        })
    }

    fn access_entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.access.values().flat_map(|access| {
            let spec = &access.spec;
            let sections = [
                (Section::Allow, &spec.allow),
                (Section::Deny, &spec.deny),
                (Section::Audit, &spec.audit),
            ];
            sections.into_iter().flat_map(move |(section, rules)| {
                rules.iter().map(move |rule| Entry {
                    section,
                    namespace: &access.namespace.value,
                    service: target_service(&spec.target),
                    target: &spec.target,
                    ports: &spec.target.ports,
                    from: &rule.from,
                    matches: &rule.matches,
                })
            })
        })
    }

    fn limit_entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.limits.values().flat_map(|object| {
            let spec = &object.spec;
            spec.limits.iter().map(move |limit| Entry {
                section: Section::Limits,
                namespace: &object.namespace.value,
                service: target_service(&spec.target),
                target: &spec.target,
                ports: &spec.target.ports,
                from: &limit.from,
                matches: &limit.matches,
            })
        })
    }
}

impl<'a> Entry<'a> {
    /// Every caller that it names, those under `not` included.
    pub(crate) fn callers(&self) -> Vec<&'a Caller> {
        fn walk<'a>(callers: &'a [Caller], out: &mut Vec<&'a Caller>) {
            for caller in callers {
                out.push(caller);
                walk(&caller.not, out);
            }
        }
        let mut out = Vec::new();
        walk(self.from, &mut out);
        out
    }

    /// Every `match` entry, those under `not` included.
    pub(crate) fn all_matches(&self) -> Vec<&'a RequestMatch> {
        fn walk<'a>(matches: &'a [RequestMatch], out: &mut Vec<&'a RequestMatch>) {
            for entry in matches {
                out.push(entry);
                walk(&entry.not, out);
            }
        }
        let mut out = Vec::new();
        walk(self.matches, &mut out);
        out
    }
}

/// The one service that a target speaks of.
pub(crate) fn target_service(target: &Target) -> Option<&Spanned<Reference>> {
    target.service()
}
