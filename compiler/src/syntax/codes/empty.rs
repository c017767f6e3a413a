use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Empty list or mapping.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(105),
    title: "empty list or mapping",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0105.md"),
};

/// `[]`.
pub(in crate::syntax) fn list(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "an empty list says nothing")
        .help("write an entry, or leave the field out")
}

/// `{}` where something is needed.
pub(in crate::syntax) fn mapping(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "an empty mapping says nothing")
        .help("write a field, or leave this out")
}

/// `""` where something is needed.
pub(in crate::syntax) fn text(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "an empty text says nothing")
        .help("write something, or leave the field out")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0105-empty/intents.yaml"
        ));
    }
}
