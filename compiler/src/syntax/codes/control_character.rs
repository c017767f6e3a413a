use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Control or invisible character.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(3),
    title: "control or invisible character",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0003.md"),
};

/// A character that readers skip, show wrongly or take for a line break.
pub(in crate::syntax) fn error(at: Span, bad: char) -> Diagnostic {
    let number = u32::from(bad);
    let (message, help) = match bad {
        '\r' => (
            "a carriage return without a line feed".to_owned(),
            "end lines with a line feed, or with both",
        ),
        '\0' => ("a NUL byte: is this a binary file?".to_owned(), "remove it"),
        _ => (
            format!("character U+{number:04X} may not stand in a file of intents"),
            "remove it, or write it as an escape in a double-quoted text",
        ),
    };
    Diagnostic::new(&INFO, at, message).help(help)
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, only};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0003-control-character/intents.yaml"
        ));
    }

    #[test]
    fn a_binary_file_is_guessed() {
        assert_eq!(only(b"a\0b").message, "a NUL byte: is this a binary file?");
    }
}
