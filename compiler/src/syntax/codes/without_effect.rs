use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// A field that changes nothing as the document stands: somebody expects that it does.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(115),
    title: "a field without effect",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0115.md"),
};

/// A field that what stands beside it makes void, and why.
pub(in crate::syntax) fn error(at: Span, field: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("`{field}` has no effect here"))
        .marked(why)
        .help("remove it, or what makes it void")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0115-without-effect/intents.yaml"
        ));
    }
}
