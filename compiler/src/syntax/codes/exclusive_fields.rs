use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Spanned;

/// Fields that exclude each other.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(109),
    title: "fields that exclude each other",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0109.md"),
};

/// Two fields of one mapping, only one of which may stand.
pub(in crate::syntax) fn error(first: Spanned<&str>, second: Spanned<&str>) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        second.span,
        format!("`{}` does not go with `{}`", second.value, first.value),
    )
    .label(first.span, "beside this")
    .help("keep one of the two, or make two entries")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0109-exclusive-fields/intents.yaml"
        ));
    }
}
