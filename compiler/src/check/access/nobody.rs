use std::collections::BTreeSet;

use mesh_ir::{CallerMatch, SpiffeId, Who};

use crate::algebra::CallerSet;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Access for somebody who does not exist: a misspelt name opens nothing today,
/// and something when somebody takes that name.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(601),
    title: "access for nobody",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0601.md"),
};

/// Callers of `allow` entries that no identity of the mesh can be.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    let identities: BTreeSet<&SpiffeId> = subject.roles.iter().map(|it| &it.identity).collect();
    for access in subject.lowered.access.values() {
        for (written, rule) in access.allow() {
            for (caller, lowered) in written.from.iter().zip(&rule.from) {
                if !exists(subject, &identities, lowered) {
                    out.push(
                        Diagnostic::new(
                            &INFO,
                            caller.span,
                            "no workload of the mesh is this caller",
                        )
                        .help("correct the name, or write the `Service` that it means"),
                    );
                }
            }
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
}
