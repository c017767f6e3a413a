use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Workloads;

/// What only a running platform can answer is said to be open, never taken to be right.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(909),
    title: "not checked without an inventory",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0909.md"),
};

/// Labels that select workloads, where no inventory says what exists.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut open = |at, what: &str| {
        let message = format!("not checked: whether a workload has {what}");
        let found = Diagnostic::new(&INFO, at, message);
        out.push(found.help("give an inventory: `mesh check --inventory FILE`"));
    };
    for service in subject.program.services.values() {
        if let Some(Workloads::Selector { span, .. }) = &service.spec.workloads {
            open(*span, "these labels");
        }
    }
    let waves = subject.program.rollouts.first().into_iter();
    for wave in waves.flat_map(|it| &it.spec.waves) {
        if !wave.labels.is_empty() {
            open(wave.span.start(), "the labels of this wave");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn not_checked() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 80}
  workloads:
    selector: {app: reviews} # expect: M0909
",
        );
    }
}
