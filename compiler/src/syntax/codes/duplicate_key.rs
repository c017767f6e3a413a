use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

use super::short;

/// Duplicate key.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(8),
    title: "duplicate key",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0008.md"),
};

/// A key that the same mapping has above.
pub(in crate::syntax) fn error(at: Span, key: &str, first: Span) -> Diagnostic {
    let key = short(key, 40);
    Diagnostic::new(&INFO, at, format!("`{key}` stands twice in this mapping"))
        .label(first, "first here")
        .help("keep one of the two; what may be several is a list")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, only};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0008-duplicate-key/intents.yaml"
        ));
    }

    #[test]
    fn the_same_text_in_another_style_is_the_same_key() {
        assert_eq!(
            only(b"a: b\n\"a\": c\n").message,
            "`a` stands twice in this mapping"
        );
    }
}
