use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// There is one fleet, so there is one way for a commit to reach it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(219),
    title: "more than one Rollout",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0219.md"),
};

/// A second `Rollout`.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let Some(first) = program.rollouts.first() else {
        return;
    };
    for other in &program.rollouts[1..] {
        let message = "there is more than one Rollout document";
        out.push(
            Diagnostic::new(&INFO, other.kind_span, message)
                .label(first.kind_span, "the first is here")
                .help("keep one; an Environment may patch it or exclude its file"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn two_rollouts() {
        check(
            "
kind: Rollout
metadata: {name: default}
spec: {waves: [{percent: 100%}]}
---
kind: Rollout # expect: M0219
metadata: {name: careful}
spec: {waves: [{percent: 10%}, {percent: 100%}]}
",
        );
    }
}
