use mesh_ir::Kind;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::node::{Node, NodeKind};

/// Namespace on a kind that has none.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(110),
    title: "namespace on a kind that has none",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0110.md"),
};

/// `namespace` of a kind that speaks for the whole mesh. `has_name` says that a name stands
/// beside it, so that something is left without it.
pub(in crate::syntax) fn error(namespace: &Node<'_>, kind: Kind, has_name: bool) -> Diagnostic {
    let text = format!("{} has no namespace", kind.with_article());
    let found = Diagnostic::new(&INFO, namespace.span, text).help("remove `namespace`");
    if has_name && matches!(namespace.kind, NodeKind::Scalar(_)) {
        found.fix(namespace.span, "")
    } else {
        found
    }
}

#[cfg(test)]
mod tests {
    use mesh_ir::Timestamp;

    use super::*;
    use crate::syntax::testing::check_annotated;
    use crate::{Compiler, Options, SourceFile, SourceSet};

    fn has_fix(metadata: &str) -> bool {
        let text = format!("apiVersion: meshwright.dev/v1\nkind: Team\nmetadata:{metadata}\n");
        let set = SourceSet {
            files: vec![SourceFile::new("a.yaml", text.as_bytes())],
            ..SourceSet::default()
        };
        let compilation = Compiler::new(Options::at(Timestamp(0))).compile(&set);
        let mut found = compilation.diagnostics.iter();
        let found = found.find(|it| it.code == INFO.code);
        found.unwrap().fix.is_some()
    }

    #[test]
    fn it_is_removed_where_something_is_left() {
        assert!(has_fix(" {name: a, namespace: b}"));
        assert!(has_fix("\n  namespace:\n    b\n  name: a"));
        assert!(!has_fix("\n  namespace: b"));
        assert!(!has_fix("\n  namespace:\n  name: a"));
        assert!(!has_fix("\n  namespace:\n    - b\n  name: a"));
    }

    #[test]
    fn the_example_fails_as_annotated() {
        check_annotated(include_bytes!(
            "../../../../policies-example/broken/M0110-needless-namespace/intents.yaml"
        ));
    }
}
