use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

use super::short;

/// Null or empty value.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(7),
    title: "null or empty value",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0007.md"),
};

/// A value that is null or not there; `key` is the one it is missing behind.
pub(in crate::syntax) fn error(at: Span, key: Option<&str>) -> Diagnostic {
    let message = match key {
        Some(key) => format!("`{}` has no value", short(key, 40)),
        None => "null is not a value of the language".to_owned(),
    };
    Diagnostic::new(&INFO, at, message).help("write a value, or leave the field out")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, only};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0007-null/intents.yaml"
        ));
    }

    #[test]
    fn the_key_is_named() {
        assert_eq!(only(b"deny:\n").message, "`deny` has no value");
    }
}
