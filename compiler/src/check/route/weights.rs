use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Backend;

/// Shares are written out, and something is left over to send to.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(501),
    title: "weights that cannot be shared out",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0501.md"),
};

/// Several backends without a weight each, all of weight 0, or too much in sum.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for route in subject.program.routes.values() {
        for forward in route.spec.rules.iter().filter_map(forward) {
            out.extend(judge(&forward.to));
        }
    }
}

fn judge(backends: &[Backend]) -> Vec<Diagnostic> {
    let [first, _, ..] = backends else {
        return only_zero(backends);
    };
    let without = backends.iter().filter(|backend| backend.weight.is_none());
    let missing: Vec<Diagnostic> = without
        .map(|backend| {
            Diagnostic::new(&INFO, backend.span, "one of several backends has no weight")
                .help("write a `weight` for each; 0 sends nothing")
        })
        .collect();
    if !missing.is_empty() {
        return missing;
    }
    let weights = backends.iter().filter_map(|backend| backend.weight);
    let sum: u64 = weights.map(|weight| u64::from(weight.value)).sum();
    if sum == 0 {
        return vec![
            Diagnostic::new(
                &INFO,
                first.span,
                "all weights are 0: nothing would be sent",
            )
            .help("give at least one backend a weight above 0"),
        ];
    }
    if sum > u64::from(u32::MAX) {
        let message = format!("the weights add up to {sum}, more than {}", u32::MAX);
        return vec![Diagnostic::new(&INFO, first.span, message).help("write smaller numbers")];
    }
    Vec::new()
}

fn only_zero(backends: &[Backend]) -> Vec<Diagnostic> {
    backends
        .iter()
        .filter_map(|backend| backend.weight.filter(|weight| weight.value == 0))
        .map(|weight| {
            Diagnostic::new(&INFO, weight.span, "the only backend has the weight 0")
                .help("remove the weight: a single backend gets everything")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn shares_are_written_and_not_all_zero() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - match: [{paths: [/a]}]
      to:
        - {version: v1, weight: 1}
        - {version: v2} # expect: M0501
    - match: [{paths: [/b]}]
      to:
        - {version: v1, weight: 0} # expect: M0501
        - {version: v2, weight: 0}
    - match: [{paths: [/d]}]
      to:
        - {version: v1, weight: 0} # expect: M0501
    - match: [{paths: [/e]}]
      to:
        - {version: v1, weight: 0}
        - {version: v2, weight: 7}
",
        );
    }
}
