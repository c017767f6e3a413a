use mesh_ir::DefaultAccess;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Whatever opens something says who answers for it, why, and until when.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(803),
    title: "default allow without an exception",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0803.md"),
};

/// `access.default: allow` of the mesh or of a namespace, without `exception`.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let Some(mesh) = &subject.program.mesh else {
        return;
    };
    let blocks = mesh.spec.namespaces.iter().map(|block| &block.access);
    for access in std::iter::once(&mesh.spec.access).chain(blocks).flatten() {
        if access.default.value == DefaultAccess::Allow && access.exception.is_none() {
            out.push(
                Diagnostic::new(
                    &INFO,
                    access.default.span,
                    "default allow needs an exception",
                )
                .help("add `exception: {owner: …, reason: …, expires: …}` beside it"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn opening_by_default_is_an_exception() {
        check(
            "
kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  access: {default: allow} # expect: M0803
  namespaces:
    shop:
      access: {default: allow, exception: {owner: a, reason: b, expires: 2027-01-31}}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
