use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::ast::Patch;

/// Two patches of one document: which one is merged last would depend on their order.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1005),
    title: "an environment patches one document twice",
    severity: Severity::Error,
    page: include_str!("../../../docs/diagnostics/M1005.md"),
};

/// A patch whose document has one already.
pub(super) fn found(patch: &Patch, first: Span) -> Diagnostic {
    let message = format!("`{}` already has a patch here", patch.name.value);
    Diagnostic::new(&INFO, patch.name.span, message)
        .label(first, "the first is here")
        .help("merge the two patches")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_document_has_one_patch() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Environment
metadata: {name: staging}
spec:
  patches:
    - target: {kind: Service, name: a, namespace: shop}
      merge: {hosts: [a.example]}
    - target: {kind: Service, name: a, namespace: shop} # expect: M1005
      merge: {hosts: [b.example]}
",
        );
    }
}
