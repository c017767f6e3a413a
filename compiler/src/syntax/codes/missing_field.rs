use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

use super::{list, short};

/// Missing field.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(102),
    title: "missing field",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0102.md"),
};

/// A field that this mapping needs.
pub(in crate::syntax) fn error(at: Span, name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("{what} needs `{name}`"))
        .marked(format!("no `{name}` here"))
        .help(format!("write `{name}: …`"))
}

/// One of several fields, none of which is there.
pub(in crate::syntax) fn one_of(at: Span, names: &[&str], what: &str) -> Diagnostic {
    let names = list(names);
    let message = format!("{what} needs one of {names}");
    if message.chars().count() <= 80 {
        Diagnostic::new(&INFO, at, message)
    } else {
        Diagnostic::new(&INFO, at, short(&format!("{what} lacks a field"), 80))
            .help(format!("write one of {names}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0102-missing-field/intents.yaml"
        ));
    }
}
