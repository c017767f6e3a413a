use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// File is not UTF-8.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1),
    title: "file is not UTF-8",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0001.md"),
};

/// A byte that does not belong to UTF-8 text.
pub(in crate::syntax) fn error(at: Span, byte: u8) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        format!("this file is not UTF-8: byte 0x{byte:02X} stands for no character"),
    )
    .help("save the file as UTF-8")
}

/// A file that begins as UTF-16 does.
pub(in crate::syntax) fn utf16(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "this file is UTF-16, not UTF-8").help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, only};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0001-not-utf8/intents.yaml"
        ));
    }

    #[test]
    fn utf_16_is_called_by_its_name() {
        assert_eq!(
            only(b"\xFE\xFF\0a").message,
            "this file is UTF-16, not UTF-8"
        );
    }
}
