use mesh_ir::{Kind, Target};

use super::undecided;
use crate::algebra::{Cover, Mode, Rule, cover};
use crate::check::Subject;
use crate::check::sets::{access_rule, universe};
use crate::check::subject::covers;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::lower::LoweredAccess;

/// Deny beats allow: what is allowed here is refused there, always.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(602),
    title: "a deny takes all of what this allows",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0602.md"),
};

/// The most entries that are pointed at beside the covered one.
const MAX_LABELS: usize = 5;

/// `allow` entries all of whose requests enforced `deny` entries take.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let denies = Denies::of(subject);
    for access in subject.lowered.access.values() {
        let target = &access.ir.target;
        if access.ir.shadow || subject.is_crowded(Kind::Access, &target.scope) {
            continue;
        }
        let covering: Vec<&Deny<'_>> = denies.covering(subject, access);
        if covering.is_empty() {
            continue;
        }
        let rules: Vec<Rule<'_>> = covering.iter().map(|deny| deny.rule).collect();
        let universe = universe(subject, target);
        for (written, rule) in access.allow() {
            let at = written.name.as_ref().map_or(written.span, |name| name.span);
            let rule = access_rule(subject, target, rule, Mode::Allow);
            match cover(&rule, &rules, universe) {
                Ok(Cover::Covered(by)) => out.push(found(at, by.iter().map(|it| covering[*it].at))),
                Ok(Cover::Open | Cover::Empty) => {}
                Err(why) => out.extend(undecided::found(at, &why)),
            }
        }
    }
}

fn found(at: Span, by: impl ExactSizeIterator<Item = Span>) -> Diagnostic {
    let (message, text) = if by.len() == 1 {
        ("a deny entry takes all of what this allows", "this one")
    } else {
        (
            "deny entries take all of what this allows",
            "this one takes some",
        )
    };
    let found = Diagnostic::new(&INFO, at, message);
    let found = by
        .take(MAX_LABELS)
        .fold(found, |found, at| found.label(at, text));
    found.help("narrow the deny with `not`, or remove this entry")
}

struct Deny<'c> {
    access: &'c mesh_ir::Access,
    rule: Rule<'c>,
    at: Span,
}

/// Every enforced deny entry; those of one document lie together.
struct Denies<'c>(Vec<Deny<'c>>);

impl<'c> Denies<'c> {
    fn of(subject: &Subject<'c>) -> Self {
        let enforced =
            subject.lowered.access.values().filter(|it| {
                !it.ir.shadow && !subject.is_crowded(Kind::Access, &it.ir.target.scope)
            });
        let all = enforced.flat_map(|access| {
            let target = &access.ir.target;
            access.deny().map(move |(written, rule)| Deny {
                access: &access.ir,
                rule: access_rule(subject, target, rule, Mode::Deny),
                at: written.span,
            })
        });
        Self(all.collect())
    }

    /// Those that are about all ports that a document is about.
    fn covering(&self, subject: &Subject<'_>, access: &LoweredAccess) -> Vec<&Deny<'c>> {
        let about = |deny: &&Deny<'c>| {
            let wide = Target {
                hosts: vec![],
                ..deny.access.target.clone()
            };
            covers(&wide, &access.ir.target)
        };
        let mesh_ir::Scope::Service(service) = &access.ir.target.scope else {
            return self.0.iter().filter(about).collect();
        };
        // Entries are sorted by document, as the documents are.
        subject
            .access_of(service)
            .flat_map(|other| {
                let first = self.0.partition_point(|it| it.access.id < other.ir.id);
                let of_document = move |it: &&Deny<'c>| it.access.id == other.ir.id;
                self.0[first..].iter().take_while(of_document)
            })
            .filter(about)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn what_is_denied_cannot_be_allowed() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - {name: admin, from: [{namespace: shop}], match: [{paths: [/admin/x]}]} # expect: M0602
    - {name: some, from: [{namespace: shop}], match: [{paths: [/**]}]}
---
kind: Access
metadata: {name: guard, namespace: shop}
spec:
  all: namespace
  deny:
    - match: [{paths: [/admin/**]}]
",
        );
    }

    #[test]
    fn several_denies_may_take_it_together_and_case_does_not_help() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - {name: both, from: [{namespace: shop}], match: [{methods: [PUT, POST], paths: [/Admin]}]} # expect: M0602
    - {name: more, from: [{namespace: shop}], match: [{methods: [PUT, GET], paths: [/admin]}]}
  deny:
    - match: [{methods: [PUT], paths: [/admin/**]}]
    - match: [{methods: [POST], paths: [{regex: '/a.*'}]}]
",
        );
    }

    #[test]
    fn a_shadow_refuses_nothing() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow: [{from: [{namespace: shop}]}]
---
kind: Access
metadata: {name: guard, namespace: shop}
spec:
  service: a
  shadow: true
  deny: [{from: [{authenticated: true}]}]
",
        );
    }
}
