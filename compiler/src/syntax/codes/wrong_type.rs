use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::node::{Node, NodeKind};

use super::short;

/// Wrong type.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(103),
    title: "wrong type",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0103.md"),
};

/// A value of another type than its field has.
pub(in crate::syntax) fn error(node: &Node<'_>, expected: &str) -> Diagnostic {
    let found = match &node.kind {
        NodeKind::Scalar(scalar) => format!("`{}`", short(&scalar.text, 20)),
        _ => node.describe().to_owned(),
    };
    let finding = Diagnostic::new(
        &INFO,
        node.span,
        format!("expected {expected}, found {found}"),
    );
    match &node.kind {
        NodeKind::Scalar(_) if expected == "a list" => {
            finding.help("what may be several is always a list: put it in brackets")
        }
        NodeKind::Scalar(scalar) if !scalar.plain => finding.help("write it without quotes"),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::check_annotated;

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0103-wrong-type/intents.yaml"
        ));
    }
}
