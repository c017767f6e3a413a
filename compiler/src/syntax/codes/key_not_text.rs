use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Key that is no text.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(12),
    title: "key that is no text",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0012.md"),
};

/// A list, a mapping or nothing in the place of a key.
pub(in crate::syntax) fn error(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "the key of a mapping is a text").help("write `name: value`")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0012-key-not-text/intents.yaml"
        ));
    }
}
