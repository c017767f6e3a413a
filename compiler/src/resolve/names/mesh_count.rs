use crate::diagnostic::{Code, CodeInfo, Diagnostic, Place, Severity};
use crate::resolve::Program;

/// Exactly one `Mesh`: it names the trust domain that everything else hangs on.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(202),
    title: "not exactly one Mesh",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0202.md"),
};

/// No `Mesh`, or a second one.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let Some(first) = program.meshes.first() else {
        if !program.has_broken() {
            out.push(
                Diagnostic::at(&INFO, Place::Repository, "there is no Mesh document")
                    .help("write one, for example with `mesh init`"),
            );
        }
        return;
    };
    for mesh in &program.meshes[1..] {
        out.push(
            Diagnostic::new(
                &INFO,
                mesh.kind_span,
                "there is more than one Mesh document",
            )
            .label(first.kind_span, "the first is here")
            .help("merge it into the first; a namespace has its own block there"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, codes_of};

    #[test]
    fn a_second_mesh_is_an_error() {
        check(
            "
kind: Mesh
metadata: {name: a}
spec: {trustDomain: a.example}
---
kind: Mesh # expect: M0202
metadata: {name: b}
spec: {trustDomain: b.example}
",
        );
    }

    #[test]
    fn no_mesh_is_an_error_of_the_repository() {
        assert_eq!(codes_of(&[]), ["M0202"]);
    }
}
