use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// A patch is about `spec`: what a document is, and whose, is the same everywhere.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1006),
    title: "a patch changes what a document is",
    severity: Severity::Error,
    page: include_str!("../../../../../docs/diagnostics/M1006.md"),
};

/// `apiVersion`, `kind`, `metadata` or `spec` at the top of `merge`.
pub(in crate::syntax::overlay) fn error(at: Span, field: &str) -> Diagnostic {
    let found = Diagnostic::new(&INFO, at, format!("a patch may not say `{field}`"));
    found.help("`merge` is merged into `spec`: write the fields of `spec` alone")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_patch_is_about_spec_alone() {
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
      merge:
        metadata: {name: b} # expect: M1006
",
        );
    }
}
