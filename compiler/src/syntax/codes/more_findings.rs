use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// More findings.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(14),
    title: "more findings",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0014.md"),
};

/// Stands for the findings of a file after the first hundred.
pub(in crate::syntax) fn error(at: Span, more: usize) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("and {more} more findings in this file"))
        .help("mend the first ones and check again")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0014-more-findings/intents.yaml"
        ));
    }
}
