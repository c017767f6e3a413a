use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::TargetScope;

/// What the proxy of a caller refuses, a hostile caller goes around.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(922),
    title: "access to an external service without a gateway is no border",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0922.md"),
};

/// `deny` about an external service that is not reached through a gateway.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for (id, access) in &program.access {
        let TargetScope::External(reference) = &access.spec.target.scope else {
            continue;
        };
        let Some((_, external)) = program.external(&reference.value, &id.namespace) else {
            continue;
        };
        let (None, Some(deny)) = (&external.spec.via, access.spec.deny.first()) else {
            continue;
        };
        let message = "only the proxies of the callers themselves enforce this";
        out.push(
            Diagnostic::new(&INFO, deny.span.start(), message)
                .label(external.name.span, "without `via`")
                .help("send it `via` a gateway, whose proxies no caller can go around"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn external_without_border() {
        check(
            "
kind: ExternalService
metadata: {name: payments-api, namespace: shop}
spec: {hosts: [api.pay.example], ports: {http: {port: 80, targetPort: 443}}, tls: {}}
---
kind: Access
metadata: {name: payments, namespace: shop}
spec:
  external: payments-api
  allow: [{from: [{authenticated: true}]}]
  deny:
    - {from: [{namespace: labs}]} # expect: M0922
---
kind: Service
metadata: {name: experiment, namespace: labs}
spec: {}
",
        );
    }
}
