use crate::algebra::Undecided;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// The comparison of entries has bounds; what lies beyond them is said, not guessed.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(607),
    title: "whether this entry ever holds could not be told",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0607.md"),
};

/// An entry that is too intricate to be compared.
pub(super) fn found(at: Span, why: &Undecided) -> Option<Diagnostic> {
    let found = Diagnostic::new(&INFO, at, "whether this entry ever holds could not be told")
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
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - name: wide # expect: M0607
      from: [{namespace: shop}]
      match: [{paths: [{regex: '(?i)/(a|b)*a(a|b){16}'}]}]
",
        );
    }
}
