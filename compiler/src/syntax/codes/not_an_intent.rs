use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::kinds::API_VERSION;

use super::short;

/// Not an intent.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(108),
    title: "not an intent",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0108.md"),
};

/// A document that is no mapping at all.
pub(in crate::syntax) fn not_a_mapping(at: Span) -> Diagnostic {
    Diagnostic::new(
        &INFO,
        at,
        "a document is a mapping with apiVersion and kind",
    )
    .help(HELP)
}

/// A document without `apiVersion`.
pub(in crate::syntax) fn no_version(at: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, "this document has no `apiVersion`").help(HELP)
}

/// A document of something else.
pub(in crate::syntax) fn other_version(at: Span, found: &str) -> Diagnostic {
    let found = short(found, 30);
    Diagnostic::new(&INFO, at, format!("`{found}` is not `{API_VERSION}`"))
        .help("what is no intent belongs outside the directory of intents, or check that alone")
}

const HELP: &str =
    "begin it with `apiVersion: meshwright.dev/v1`, or check the directory of intents alone";

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0108-not-an-intent/intents.yaml"
        ));
    }
}
