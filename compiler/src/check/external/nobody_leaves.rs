use mesh_ir::{DefaultAccess, Subject as About};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::{ExternalService, Keys};

/// No allow means no, outwards too.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(921),
    title: "nobody may call an external service",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0921.md"),
};

/// External services that no enforced `allow` is about.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    for (id, external) in &subject.lowered.externals {
        let settings = &subject.lowered.settings;
        if settings.access_default(&id.namespace).mode == DefaultAccess::Allow
            || has_keys(subject.program, &external.object.spec)
        {
            continue;
        }
        let mut enforced = subject.lowered.access.values().filter(|it| !it.ir.shadow);
        let speaks = |it: &mesh_ir::Access| {
            it.target.scope.is_about(About::External(id)) && !it.allow.is_empty()
        };
        if !enforced.any(|it| speaks(&it.ir)) {
            let message = format!("no Access lets anybody call `{}`", id.name);
            let found = Diagnostic::new(&INFO, external.object.name.span, message);
            let found = match &external.object.spec.via {
                Some(via) => found.label(via.span, "judged by this gateway"),
                None => found,
            };
            out.push(found.help(format!("write an `Access` with `external: {}`", id.name)));
        }
    }
}

/// Whether the operator fetches keys of an issuer there, which needs no `Access`.
fn has_keys(program: &Program, external: &ExternalService) -> bool {
    let mut urls = program
        .issuers
        .values()
        .filter_map(|it| match &it.spec.keys {
            Keys::Url { host, .. } => Some(host),
            _ => None,
        });
    urls.any(|host| {
        let mut hosts = external.hosts.iter();
        hosts.any(|it| it.value.matches(host.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn external_for_nobody() {
        check(
            "
kind: ExternalService
metadata: {name: payments-api, namespace: shop} # expect: M0921
spec: {hosts: [api.pay.example], ports: {http: {port: 80, targetPort: 443}}, tls: {}}
",
        );
    }

    #[test]
    fn the_operator_needs_no_access_to_the_keys_of_an_issuer() {
        check(
            "
kind: ExternalService
metadata: {name: id, namespace: shop}
spec: {hosts: [id.example], ports: {http: {port: 80, targetPort: 443}}, tls: {}}
---
kind: TokenIssuer
metadata: {name: corp, namespace: shop}
spec: {issuer: https://id.example, audiences: [shop], keys: {url: https://id.example/keys}}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec: {service: a, allow: [{from: [{authenticated: true, token: {issuer: corp}}]}]}
",
        );
    }
}
