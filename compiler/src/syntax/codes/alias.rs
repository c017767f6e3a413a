use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// Anchor, alias or merge key.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(5),
    title: "anchor, alias or merge key",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0005.md"),
};

/// `&name`.
pub(in crate::syntax) fn anchor(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "anchors are not part of the language")
        .help("remove the anchor, and write the value where its aliases are")
}

/// `*name`.
pub(in crate::syntax) fn error(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "aliases are not part of the language")
        .help("write the value here; if a text begins with `*`, quote it")
}

/// `<<`.
pub(in crate::syntax) fn merge_key(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "merge keys are not part of the language")
        .help("write the fields here")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, only};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0005-alias/intents.yaml"
        ));
    }

    #[test]
    fn an_alias_that_means_nothing_is_called_an_alias() {
        assert_eq!(only(b"a: *.shop.example\n").code.to_string(), "M0005");
    }
}
