use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Tag.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(6),
    title: "tag",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0006.md"),
};

/// `!tag` or `!!tag`.
pub(in crate::syntax) fn error(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "tags are not part of the language")
        .help("remove the tag; if the text begins with `!`, quote it")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0006-tag/intents.yaml"
        ));
    }
}
