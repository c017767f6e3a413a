use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use std::fmt::Display;

use super::{list, short};

/// Invalid value.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(106),
    title: "invalid value",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0106.md"),
};

/// A text that its field cannot take, and why.
pub(in crate::syntax) fn error(
    at: Span,
    text: &str,
    what: &str,
    reason: impl Display,
) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("`{}` is not {what}", short(text, 30)))
        .marked(reason.to_string())
}

/// A word outside a closed list.
pub(in crate::syntax) fn word(
    at: Span,
    text: &str,
    known: &[&str],
    near: Option<&str>,
) -> Diagnostic {
    let finding = Diagnostic::new(&INFO, at, format!("`{}` is no word here", short(text, 30)));
    match near {
        Some(near) => finding
            .help(format!("did you mean `{near}`?"))
            .fix(at, near),
        None => finding.help(format!("one of {}", list(known))),
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0106-invalid-value/intents.yaml"
        ));
    }

    #[test]
    fn a_range_that_no_address_can_be_in_is_refused() {
        check_annotated(
            b"apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  deny:
    - from: [{anyone: true, cidr: 'fd00::/8'}]
    - from: [{anyone: true, cidr: '::ffff:10.0.0.0/104'}] # expect: M0106
    - from: [{anyone: true, cidr: 10.0.0.1/8}] # expect: M0106
",
        );
    }
}
