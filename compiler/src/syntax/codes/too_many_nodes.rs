use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Too many values.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(11),
    title: "too many values",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0011.md"),
};

/// A file with more values than are read.
pub(in crate::syntax) fn in_file(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "this file holds more values than are read")
        .help("spread the documents over several files")
}

/// A list or mapping with more entries than are read.
pub(in crate::syntax) fn in_collection(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        format!("a list or mapping has at most {limit} entries"),
    )
    .help("split it over several documents")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0011-too-many-values/intents.yaml"
        ));
    }
}
