use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Spanned;

/// Of two bounds the lower one is above the higher one.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(114),
    title: "two bounds in the wrong order",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0114.md"),
};

/// `lower` is above `upper`.
pub(in crate::syntax) fn error(lower: Spanned<&str>, upper: Spanned<&str>) -> Diagnostic {
    let message = format!("`{}` is more than `{}`", lower.value, upper.value);
    Diagnostic::new(&INFO, lower.span, message)
        .label(upper.span, "less than that")
        .help("the other way round, or one value for both")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0114-wrong-order/intents.yaml"
        ));
    }
}
