use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::decode::closest;

use super::{list, short};

/// Unknown field.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(101),
    title: "unknown field",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0101.md"),
};

/// A key that no field of this mapping has. `taken` are the keys that it has, and those
/// that fixes give it: no key is there twice after them.
pub(in crate::syntax) fn error<'f>(
    at: Span,
    key: &str,
    what: &str,
    fields: &[&'f str],
    taken: &mut Vec<&'f str>,
) -> Diagnostic {
    let shown = short(key, 30);
    let finding = Diagnostic::new(&INFO, at, format!("{what} has no field `{shown}`"));
    match closest(key, fields.iter().copied()) {
        Some(near) => {
            let finding = finding.help(format!("did you mean `{near}`?"));
            if taken.contains(&near) {
                return finding;
            }
            taken.push(near);
            finding.fix(at, near)
        }
        None => finding.help(format!("its fields: {}", list(fields))),
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::testing::{check_annotated, fixed};

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0101-unknown-field/intents.yaml"
        ));
    }

    #[test]
    fn a_near_field_is_suggested_as_a_fix() {
        let text = b"apiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: a}\nspec:\n  own: {mesh: true}\n  owns: {mesh: true}\n  contakt: b\n";
        assert!(fixed(text).contains("\n  contact: b\n"));
    }

    #[test]
    fn a_fix_gives_no_mapping_the_same_key_twice() {
        let head = "apiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: a}\nspec:\n  owns: {mesh: true}\n";
        let beside = format!("{head}  contact: b\n  contakt: c\n");
        assert_eq!(fixed(beside.as_bytes()), beside);
        let both = fixed(format!("{head}  contakt: b\n  contatc: c\n").as_bytes());
        assert!(both.contains("  contact: b\n  contatc: c\n"), "{both}");
    }
}
