use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{Mtls, MtlsMode};

/// Whatever opens something says who answers for it, why, and until when.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(807),
    title: "plain text is taken without an exception",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0807.md"),
};

/// `mtls.mode: permissive` of the mesh, of a namespace or of a port, without `exception`.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for mtls in written(subject) {
        if mtls.mode.value == MtlsMode::Permissive && mtls.exception.is_none() {
            out.push(
                Diagnostic::new(&INFO, mtls.mode.span, "permissive mTLS needs an exception")
                    .help("add `exception: {owner: …, reason: …, expires: …}` beside it"),
            );
        }
    }
}

/// Every `mtls` that is written.
pub(super) fn written<'c>(subject: &Subject<'c>) -> impl Iterator<Item = &'c Mtls> {
    let program = subject.program;
    let mesh = program.mesh.iter().flat_map(|mesh| {
        let blocks = mesh.spec.namespaces.iter().map(|block| &block.mtls);
        std::iter::once(&mesh.spec.mtls).chain(blocks)
    });
    let ports = program.services.values().flat_map(|it| &it.spec.ports);
    mesh.chain(ports.map(|port| &port.mtls)).flatten()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn permissive_alone() {
        check(
            "
kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  mtls: {mode: permissive} # expect: M0807
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports:
    http:
      port: 80
      mtls: {mode: permissive, exception: {owner: web, reason: VM clients, expires: 2027-01-31}}
    admin: {port: 81, protocol: http}
",
        );
    }
}
