use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::OnFailure;

/// Who lets requests in that nobody judged says who answers for it, why, and until when.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(808),
    title: "failing open without an exception",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0808.md"),
};

/// `authorizer.onFailure: allow` without `exception`.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let written = subject.program.access.values();
    for authorizer in written.filter_map(|it| it.spec.authorizer.as_ref()) {
        if let (Some(failing), None) = (authorizer.on_failure, &authorizer.exception)
            && failing.value == OnFailure::Allow
        {
            let message = "letting in what nobody judged needs an exception";
            let found = Diagnostic::new(&INFO, failing.span, message);
            out.push(
                found.help("add `exception: {owner: …, reason: …, expires: …}`, or say `deny`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn fail_open_alone() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: authz, namespace: shop}
spec: {ports: {grpc: 9000}}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow: [{from: [{authenticated: true}]}]
  authorizer:
    service: authz
    onFailure: allow # expect: M0808
---
kind: Access
metadata: {name: authz, namespace: shop}
spec: {service: authz, allow: [{from: [{service: reviews}]}]}
",
        );
    }
}
