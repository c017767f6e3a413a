use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

use super::short;
use crate::syntax::ast::Reference;

/// A document of the whole mesh lies in no namespace, so a name alone means nothing in it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(111),
    title: "a reference without its namespace",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0111.md"),
};

/// `reviews` where only `reviews.shop` says which.
pub(in crate::syntax) fn error(at: Span, reference: &Reference) -> Diagnostic {
    let name = &reference.name;
    let message = format!("`{}` of which namespace?", short(name.as_str(), 50));
    Diagnostic::new(&INFO, at, message)
        .marked("this document lies in no namespace")
        .help(format!("write `{name}.` and the namespace"))
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0111-unqualified/intents.yaml"
        ));
    }
}
