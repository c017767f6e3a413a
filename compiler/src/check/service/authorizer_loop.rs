use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Scope, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Whoever asks it waits for the answer that it waits for.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(406),
    title: "an authorizer needs itself",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0406.md"),
};

/// Authorizers whose own access asks them again, themselves or over others.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let asked = asked(subject);
    for access in subject.lowered.access.values() {
        let (Some(authorizer), Some(written)) =
            (&access.ir.authorizer, &access.object.spec.authorizer)
        else {
            continue;
        };
        let covers = |scope: &Scope, service: &ServiceRef| scope.covers(service);
        let mut seen = BTreeSet::new();
        let mut next = vec![&authorizer.service];
        while let Some(service) = next.pop() {
            if covers(&access.ir.target.scope, service) {
                let message = format!("asking `{}` needs `{}`", authorizer.service, service);
                out.push(
                    Diagnostic::new(&INFO, written.service.span, message)
                        .help("leave the authorizer out of what it judges: name the services"),
                );
                break;
            }
            if seen.insert(service) {
                next.extend(asked.get(service).into_iter().flatten());
            }
        }
    }
}

/// Whom a call of each service that is an authorizer asks.
fn asked<'c>(subject: &Subject<'c>) -> BTreeMap<&'c ServiceRef, Vec<&'c ServiceRef>> {
    let all = || subject.lowered.access.values().map(|it| &it.ir);
    let authorizers: BTreeSet<&ServiceRef> = all()
        .filter_map(|it| Some(&it.authorizer.as_ref()?.service))
        .collect();
    authorizers
        .iter()
        .map(|service| {
            let about = all().filter(|it| it.target.scope.covers(service));
            let asks = about.filter_map(|it| Some(&it.authorizer.as_ref()?.service));
            (*service, asks.collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn authorizer_needs_itself() {
        check(
            "
kind: Service
metadata: {name: authz, namespace: shop}
spec: {ports: {grpc: 9000}}
---
kind: Access
metadata: {name: all, namespace: shop}
spec:
  all: namespace
  allow: [{from: [{authenticated: true}]}]
  authorizer:
    service: authz # expect: M0406
",
        );
    }
}
