use mesh_ir::{Action, BackendTarget, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast;

/// A copy is sent with the identity of the caller; one that is always refused tells nobody anything.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(407),
    title: "no access allows a mirrored request",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0407.md"),
};

/// Mirrors that no caller of the service may call.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (service, routes) in subject.lowered.service_routes() {
        for (written, rule) in routes.rules() {
            let (ast::Action::Forward(written), Action::Forward(forward)) =
                (&written.action, &rule.action)
            else {
                continue;
            };
            for (written, mirror) in written.mirror.iter().zip(&forward.mirror) {
                let BackendTarget::Other { service: copy, .. } = &mirror.target else {
                    continue;
                };
                if !may_be_copied(subject, service, copy) {
                    let message = format!("no caller of `{}` may call `{copy}`", service.name);
                    let found = Diagnostic::new(&INFO, written.span.start(), message);
                    out.push(found.help(format!("allow them in an `Access` about `{copy}`")));
                }
            }
        }
    }
}

/// Whether somebody sees both; nobody sees the service itself where nothing allows that.
fn may_be_copied(subject: &Subject<'_>, service: &ServiceRef, copy: &ServiceRef) -> bool {
    let sees = |calls: &[ServiceRef], it: &ServiceRef| calls.binary_search(it).is_ok();
    let mut callers = subject
        .roles
        .iter()
        .filter(|it| sees(&it.calls, service))
        .peekable();
    callers.peek().is_none() || callers.any(|it| sees(&it.calls, copy))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn mirror_refused() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: shadow, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{service: page}]}]}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules:
    - mirror:
        - {service: shadow, percent: 5%} # expect: M0407
",
        );
    }
}
