use mesh_ir::HostPattern;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Keys;

/// The operator fetches keys; without this an intent could send it to any address inside.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(932),
    title: "the keys of an issuer are fetched from an unnamed host",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0932.md"),
};

/// Hosts of `keys.url` that no `ExternalService` names.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for issuer in program.issuers.values() {
        let Keys::Url { url, host, .. } = &issuer.spec.keys else {
            continue;
        };
        let mut hosts = program.externals.values().flat_map(|it| &it.spec.hosts);
        let names = |pattern: &HostPattern| pattern.matches(host.as_str());
        if hosts.any(|it| names(&it.value)) || !program.is_complete() {
            continue;
        }
        let message = format!("no ExternalService names `{host}`");
        let found = Diagnostic::new(&INFO, url.span, message);
        out.push(found.help(format!(
            "write an `ExternalService` with `hosts: [{host}]` and `tls: {{}}`"
        )));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn keys_from_unnamed_host() {
        check(
            "
kind: TokenIssuer
metadata: {name: corp, namespace: shop}
spec:
  issuer: https://id.example
  audiences: [shop]
  keys:
    url: https://id.example/keys # expect: M0932
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{authenticated: true, token: {issuer: corp}}]}]}
",
        );
    }
}
