use mesh_ir::{AccessRule, Kind};

use crate::algebra::RuleSet;
use crate::check::Subject;
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

/// `allow` entries that an enforced `deny` entry contains.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let denies = Denies::of(subject);
    for access in subject.lowered.access.values() {
        if access.ir.shadow || subject.is_crowded(Kind::Access, &access.ir.target.scope) {
            continue;
        }
        let covering: Vec<&Deny<'_>> = denies.covering(subject, access);
        if covering.is_empty() {
            continue;
        }
        for (written, rule) in access.allow() {
            let set = subject.set(&rule.from, &rule.matches);
            if let Some(deny) = covering.iter().find(|it| it.set.contains(&set)) {
                let at = written.name.as_ref().map_or(written.span, |name| name.span);
                out.push(
                    Diagnostic::new(&INFO, at, "a deny entry takes all of what this allows")
                        .label(deny.at, "this one")
                        .help("narrow the deny with `not`, or remove this entry"),
                );
            }
        }
    }
}

struct Deny<'c> {
    access: &'c mesh_ir::Access,
    set: RuleSet,
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
            let entries = access.deny();
            entries.map(|(written, rule): (_, &AccessRule)| Deny {
                access: &access.ir,
                set: subject.set(&rule.from, &rule.matches),
                at: written.span,
            })
        });
        Self(all.collect())
    }

    /// Those that are about all that a document is about.
    fn covering(&self, subject: &Subject<'_>, access: &LoweredAccess) -> Vec<&Deny<'c>> {
        let about = |deny: &&Deny<'c>| covers(&deny.access.target, &access.ir.target);
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
