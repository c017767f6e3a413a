use mesh_ir::Action;

use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// `timeout` bounds the exchange with all of its attempts: one attempt cannot have
/// more time than all together.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(506),
    title: "one attempt has more time than the whole exchange",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0506.md"),
};

/// `perTryTimeout` above the timeout in force.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let rules = subject.lowered.routes.values().flat_map(|it| it.rules());
    for (written, rule) in rules {
        let Action::Forward(lowered) = &rule.action else {
            continue;
        };
        let (Some(all), Some(one)) = (lowered.timeout, lowered.per_try_timeout) else {
            continue;
        };
        let Some(per_try) = forward(written).and_then(|it| it.per_try_timeout) else {
            continue;
        };
        if one <= all {
            continue;
        }
        let message = format!("one attempt has {one:?}, the whole exchange {all:?}");
        let found = Diagnostic::new(&INFO, per_try.span, message);
        let timeout = forward(written).and_then(|it| it.timeout);
        let found = match timeout {
            Some(timeout) => found.label(timeout.span, "the whole exchange"),
            None => found,
        };
        out.push(found.help("lower `perTryTimeout`, or write a longer `timeout`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn the_default_timeout_counts_too() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - match: [{paths: [/a]}]
      timeout: 2s
      perTryTimeout: 3s # expect: M0506
    - match: [{paths: [/b]}]
      perTryTimeout: 16s # expect: M0506
    - match: [{paths: [/c]}]
      timeout: none
      perTryTimeout: 16s
",
        );
    }
}
