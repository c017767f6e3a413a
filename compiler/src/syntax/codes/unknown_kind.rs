use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::decode::closest;

use super::{list, short};

/// Unknown kind.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(107),
    title: "unknown kind",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0107.md"),
};

/// A `kind` that the language does not have.
pub(in crate::syntax) fn error(at: Span, kind: &str, known: &[&str]) -> Diagnostic {
    let shown = short(kind, 30);
    let finding = Diagnostic::new(&INFO, at, format!("there is no kind `{shown}`"));
    match closest(kind, known.iter().copied()) {
        Some(near) => finding
            .help(format!("did you mean `{near}`?"))
            .fix(at, near),
        None => finding.help(format!("the kinds: {}", list(known))),
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, fixed};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0107-unknown-kind/intents.yaml"
        ));
    }

    #[test]
    fn a_near_kind_is_suggested_as_a_fix() {
        let text = b"apiVersion: meshwright.dev/v1\nkind: Servce\n";
        assert!(fixed(text).ends_with("kind: Service\n"));
    }
}
