use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::node::{Node, NodeKind, Scalar};
use crate::syntax::read::{Meaning, meaning, quoted};

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
        NodeKind::Scalar(scalar) if expected == "a list" => finding
            .help("what may be several is always a list: put it in brackets")
            .fix(node.span, in_brackets(scalar)),
        NodeKind::Scalar(scalar) if !scalar.plain => {
            let finding = finding.help("write it without quotes");
            match meaning(&scalar.text) {
                Meaning::Integer | Meaning::Boolean => finding.fix(node.span, &*scalar.text),
                _ => finding,
            }
        }
        NodeKind::Map(_) if expected == "a list" => {
            finding.help("what may be several is always a list: begin each entry with `- `")
        }
        _ => finding,
    }
}

/// A list of one scalar.
fn in_brackets(scalar: &Scalar<'_>) -> String {
    let text = &scalar.text;
    if scalar.plain && !text.contains([',', '[', ']', '{', '}']) {
        format!("[{text}]")
    } else {
        format!("[{}]", quoted(text))
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, fixed};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0103-wrong-type/intents.yaml"
        ));
    }

    #[test]
    fn one_thing_is_put_in_brackets_and_a_number_out_of_quotes() {
        let text = "apiVersion: meshwright.dev/v1\nkind: Service\nmetadata: {name: a, namespace: b}\nspec: {hosts: a.b, ports: {http: \"80\"}}\n";
        let fixed = fixed(text.as_bytes());
        assert!(
            fixed.ends_with("spec: {hosts: [a.b], ports: {http: 80}}\n"),
            "{fixed}"
        );
    }
}
