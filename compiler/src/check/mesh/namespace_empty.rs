use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Settings for a namespace that nobody lives in are probably a misspelt name.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(806),
    title: "settings for a namespace without services",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0806.md"),
};

/// Blocks of `Mesh.namespaces` for namespaces that have no service.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    let Some(mesh) = program.mesh.as_ref().filter(|_| program.is_complete()) else {
        return;
    };
    for block in &mesh.spec.namespaces {
        if program.namespaces.contains(&block.name.value) {
            continue;
        }
        let message = format!("no service lives in the namespace `{}`", block.name.value);
        let found = Diagnostic::new(&INFO, block.name.span, message);
        let known = program.namespaces.iter().map(mesh_ir::Name::as_str);
        out.push(
            match crate::syntax::closest(block.name.value.as_str(), known) {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help("remove the block, or correct its name"),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_block_is_for_a_namespace_that_exists() {
        check(
            "
kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  namespaces:
    shop: {defaults: {timeout: 1s}}
    shpo: {defaults: {timeout: 1s}} # expect: M0806
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
",
        );
    }
}
