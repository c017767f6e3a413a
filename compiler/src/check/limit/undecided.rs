use crate::algebra::Undecided;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// The comparison of limits and access has bounds; what lies beyond them is said, not guessed.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(704),
    title: "whether this limit ever triggers could not be told",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0704.md"),
};

/// A limit that is too intricate to be compared.
pub(super) fn found(at: Span, why: &Undecided) -> Option<Diagnostic> {
    let found = Diagnostic::new(
        &INFO,
        at,
        "whether this limit ever triggers could not be told",
    )
    .marked(why.to_string())
    .help("write plainer patterns: segments and `*` instead of a regex");
    (!why.is_said_elsewhere()).then_some(found)
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_regex_beyond_the_bound_is_not_compared() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - name: wide # expect: M0704
      match: [{paths: [{regex: '(?i)/(a|b)*a(a|b){16}'}]}]
      rate: 1/s
",
        );
    }
}
