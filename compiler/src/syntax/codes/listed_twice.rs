use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

use super::short;

/// A list that has one thing twice was meant to have two.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(112),
    title: "a list has one thing twice",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0112.md"),
};

/// A scalar that the same list has before.
pub(in crate::syntax) fn error(at: Span, text: &str, first: Span) -> Diagnostic {
    let message = format!("`{}` is in this list twice", short(text, 40));
    Diagnostic::new(&INFO, at, message)
        .label(first, "first here")
        .help("remove one of the two")
        .fix(at, "")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0112-listed-twice/intents.yaml"
        ));
    }
}
