use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::lower::MAX_RULES;
use crate::syntax::ast::Repository;

/// A commit cannot give itself more than the operator is built to read.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(804),
    title: "a repository limit may only be lowered",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0804.md"),
};

/// `Mesh.repository` above the built-in limits.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let Some(mesh) = &subject.program.mesh else {
        return;
    };
    let Repository {
        files,
        file_size,
        total_size,
        rules_per_service,
    } = &mesh.spec.repository;
    let limits = [
        (files, 20_000),
        (file_size, 1 << 20),
        (total_size, 64 << 20),
        (rules_per_service, MAX_RULES as u64),
    ];
    for (written, most) in limits {
        if let Some(written) = written.filter(|it| it.value > most) {
            let message = format!("a limit of the repository is at most {most} here");
            out.push(
                Diagnostic::new(&INFO, written.span, message)
                    .help("lower it, or leave it out: more is for the operator's flags to allow"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn limits_go_down_only() {
        check(
            "
kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  repository:
    files: 100
    fileSize: 2MiB # expect: M0804
    totalSize: 64MiB
    rulesPerService: 1001 # expect: M0804
",
        );
    }
}
