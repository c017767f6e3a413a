use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::read::MAX_DEPTH;

/// Nested too deeply.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(10),
    title: "nested too deeply",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0010.md"),
};

/// A list or mapping below too many others.
pub(in crate::syntax) fn error(at: Span) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        format!("lists and mappings are nested more than {MAX_DEPTH} deep"),
    )
    .help("no intent needs this: look for brackets that are never closed")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0010-too-deep/intents.yaml"
        ));
    }
}
