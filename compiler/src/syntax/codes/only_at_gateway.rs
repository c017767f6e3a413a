use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// What only a gateway sees of a request, a rule that runs beside the caller cannot choose by.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(113),
    title: "a condition that only a gateway can judge",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0113.md"),
};

/// `cidr` or `token` in a rule of a `Route` that is not about a gateway.
pub(in crate::syntax) fn error(at: Span, field: &str) -> Diagnostic {
    let message = format!("`{field}` chooses a rule only in the Route of a gateway");
    Diagnostic::new(&INFO, at, message)
        .marked("these rules are chosen beside the caller, by who it is")
        .help("name the callers here, and judge this in an `Access`")
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0113-only-at-gateway/intents.yaml"
        ));
    }
}
