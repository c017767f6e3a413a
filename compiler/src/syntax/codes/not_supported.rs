use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

use super::short;

/// Not supported yet.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(104),
    title: "not supported yet",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0104.md"),
};

/// A field of the language that this version cannot honour.
pub(in crate::syntax) fn field(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("`{name}` is not supported yet")).help(HELP)
}

/// A word of the language that this version cannot honour.
pub(in crate::syntax) fn word(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        format!("`{}` is not supported yet", short(word, 40)),
    )
    .help(HELP)
}

/// A kind of the language that this version cannot honour.
pub(in crate::syntax) fn kind(at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("kind `{kind}` is not supported yet"))
        .help("remove the document: a part that is ignored would be worse than an error")
}

/// `cidr` in the `from` of a rule of a `Route`.
pub(in crate::syntax) fn address_in_route(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "`cidr` is not supported in a Route")
        .marked("rules are chosen beside the caller, where it has no address")
        .help("name the callers, or write the addresses in an `Access`")
}

const HELP: &str = "remove it: a part that is ignored would be worse than an error";

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0104-not-supported/intents.yaml"
        ));
    }
}
