use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use mesh_ir::Kind;

/// Namespace on a kind that has none.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(110),
    title: "namespace on a kind that has none",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0110.md"),
};

/// `metadata.namespace` of a kind that speaks for the whole mesh.
pub(in crate::syntax) fn error(at: Span, kind: Kind) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        format!("{} has no namespace", kind.with_article()),
    )
    .help("remove `namespace`")
    .fix(at, "")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0110-needless-namespace/intents.yaml"
        ));
    }
}
