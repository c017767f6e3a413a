use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Byte order mark.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(2),
    title: "byte order mark",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0002.md"),
};

/// A mark at the beginning of a file that is UTF-8 anyway.
pub(in crate::syntax) fn error(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "this file begins with a byte order mark")
        .help("save the file as UTF-8 without a byte order mark")
        .fix(at, "")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, fixed};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0002-byte-order-mark/intents.yaml"
        ));
    }

    #[test]
    fn the_fix_removes_the_mark() {
        assert_eq!(fixed(b"\xEF\xBB\xBF# nothing\n"), "# nothing\n");
    }
}
