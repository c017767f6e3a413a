use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use granit_parser::ErrorKind;

use super::short;

/// Invalid YAML.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(4),
    title: "invalid YAML",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0004.md"),
};

/// What the parser could not go on from.
pub(in crate::syntax) fn error(at: Span, kind: &ErrorKind) -> Diagnostic {
    let (reason, help) = explain(kind);
    let reason = reason.map_or_else(|| kind.to_string(), str::to_owned);
    let finding = Diagnostic::new(&INFO, at, short(&format!("invalid YAML: {reason}"), 80));
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// Plainer words for what people meet most, and what to type.
fn explain(kind: &ErrorKind) -> (Option<&'static str>, Option<&'static str>) {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => {
            (Some("a tab in the indentation"), Some("indent with spaces"))
        }
        ErrorKind::UnclosedQuotedScalar => (
            Some("a quoted text that never ends"),
            Some("close the quote"),
        ),
        ErrorKind::DocumentIndicatorInQuotedScalar => (
            Some("a quoted text that does not end before `---`"),
            Some("close the quote"),
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping => (
            Some("a `[` or `{` that is never closed"),
            Some("close it with `]` or `}`"),
        ),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => (
            Some("`: ` where no value may follow"),
            Some("quote the text, or indent the mapping below its key"),
        ),
        ErrorKind::UnexpectedCharacter {
            character: '@' | '`',
        } => (
            Some("no text begins with this character"),
            Some("quote the text"),
        ),
        ErrorKind::DirectiveDisallowed => (
            Some("directives are not supported"),
            Some("remove the line"),
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            Some("expected `key: value` here"),
            Some("write a colon and a space after the key, which is one short line"),
        ),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, only};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0004-invalid-yaml/intents.yaml"
        ));
    }

    #[test]
    fn frequent_mistakes_have_plain_words() {
        let cases: [(&[u8], &str); 4] = [
            (
                b"a: [b, c\n",
                "invalid YAML: a `[` or `{` that is never closed",
            ),
            (b"a:\n\tb: c\n", "invalid YAML: a tab in the indentation"),
            (b"a: b: c\n", "invalid YAML: `: ` where no value may follow"),
            (
                b"%YAML 1.2\n---\n",
                "invalid YAML: directives are not supported",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(only(text).message, message);
        }
    }
}
