use std::collections::BTreeSet;

use mesh_ir::{CallerMatch, SpiffeId, Who};

use crate::algebra::CallerSet;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast;

/// Words about somebody who does not exist: a misspelt name opens nothing today, and
/// something when somebody takes that name; in a `deny` or a `not` it refuses nobody.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(601),
    title: "a caller who does not exist",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0601.md"),
};

/// Callers that no identity of the mesh can be, wherever a `from` names them.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    let identities = subject.roles.iter().map(|it| &it.identity);
    let mut search = Search {
        subject,
        identities: identities.collect(),
        out,
    };
    for access in subject.lowered.access.values() {
        let entries = access.allow().chain(access.deny()).chain(access.audit());
        for (written, rule) in entries {
            search.callers(&written.from, &rule.from);
        }
    }
    for limits in subject.lowered.limits.values() {
        for (written, limit) in limits.limits() {
            search.callers(&written.from, &limit.from);
        }
    }
    for routes in subject.lowered.routes.values() {
        for (written, rule) in routes.rules() {
            search.callers(&written.from, &rule.from);
        }
    }
}

struct Search<'s, 'c> {
    subject: &'s Subject<'c>,
    identities: BTreeSet<&'c SpiffeId>,
    out: &'s mut Vec<Diagnostic>,
}

impl Search<'_, '_> {
    fn callers(&mut self, written: &[ast::Caller], meant: &[CallerMatch]) {
        for (caller, meant) in written.iter().zip(meant) {
            if exists(self.subject, &self.identities, meant) {
                self.callers(&caller.not, &meant.not);
                continue;
            }
            let message = "no workload of the mesh is this caller";
            let found = Diagnostic::new(&INFO, caller.span, message);
            self.out
                .push(found.help("correct the name, or write the `Service` that it means"));
        }
    }
}

fn exists(subject: &Subject<'_>, identities: &BTreeSet<&SpiffeId>, caller: &CallerMatch) -> bool {
    match &caller.who {
        Who::Service { identities, .. } if caller.not.is_empty() => !identities.is_empty(),
        Who::Namespace(namespace) if caller.not.is_empty() => {
            subject.program.namespaces.contains(namespace)
        }
        _ => {
            let set = CallerSet::of(caller, &subject.lowered.settings.trust_domain);
            matches!(caller.who, Who::Anyone) || identities.iter().any(|id| set.may_be(id))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_caller_is_somebody() {
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
    - from:
        - namespace: shop
        - namespace: sohp # expect: M0601
        - identity: spiffe://test.example/ns/*/sa/a
        - identity: spiffe://test.example/ns/*/sa/ci # expect: M0601
        - identity: spiffe://other.example/ns/*/sa/a # expect: M0601
        - {service: a, not: [{namespace: shop}]} # expect: M0601
",
        );
    }

    #[test]
    fn a_misspelt_name_refuses_notes_counts_and_sends_nobody() {
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
    - from:
        - authenticated: true
          not:
            - {namespace: shop, cidr: 10.0.0.0/8}
            - namespace: sohp # expect: M0601
  deny:
    - from: [{namespace: devv}] # expect: M0601
  audit:
    - from: [{namespace: auditt}] # expect: M0601
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - {from: [{authenticated: true}], rate: 10/s}
    - {from: [{namespace: shop, not: [{namespace: bach}]}], rate: 5/s} # expect: M0601
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - {from: [{namespace: jobz}], timeout: 1s} # expect: M0601
    - {timeout: 2s}
",
        );
    }
}
