use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::read::Meaning;

use super::short;

/// Scalar that YAML readers take differently.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(9),
    title: "scalar that YAML readers take differently",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0009.md"),
};

/// A plain scalar that some reader takes for something else than the field's type.
pub(in crate::syntax) fn error(
    at: Span,
    text: &str,
    taken_for: Meaning,
    replacement: &str,
) -> Diagnostic {
    let text = short(text, 20);
    Diagnostic::new(&INFO, at, format!("`{text}` is {}", taken_for.describe()))
        .help(format!("write {}", short(replacement, 60)))
        .fix(at, replacement)
}

/// A number of another notation where an integer is expected.
pub(in crate::syntax) fn number(at: Span, text: &str) -> Diagnostic {
    let text = short(text, 20);
    Diagnostic::new(
        &INFO,
        at,
        format!("`{text}` is {}", Meaning::MaybeNumber.describe()),
    )
    .help("write a decimal integer without leading zeros, exponent or separators")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, fixed};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0009-ambiguous-scalar/intents.yaml"
        ));
    }

    #[test]
    fn the_fix_quotes_the_text() {
        assert_eq!(fixed(b"1.10: a\n"), "\"1.10\": a\n");
    }
}
