use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::closest;

/// An entry that is not there would be added where the author meant to change one.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1004),
    title: "a patch names an entry that is not there",
    severity: Severity::Error,
    page: include_str!("../../../../../docs/diagnostics/M1004.md"),
};

/// An entry of a list by a name that none has.
pub(in crate::syntax::overlay) fn error<'n>(
    at: Span,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let found = Diagnostic::new(
        &INFO,
        at,
        format!("no entry of this list is called `{name}`"),
    );
    match closest(name, known) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("patch an entry by its `name`, or add it to the document itself"),
    }
}

/// An entry without a name beside named ones.
pub(in crate::syntax::overlay) fn nameless(at: Span) -> Diagnostic {
    let found = Diagnostic::new(&INFO, at, "this entry of a patch says no `name`");
    found.help("name each entry, or none: a list without names stands in place of the whole")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn entries_are_patched_by_the_names_they_have() {
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
    - {name: all, rate: 10/s}
    - {rate: 1/s, per: [caller]}
---
kind: Environment
metadata: {name: staging}
spec:
  patches:
    - target: {kind: RateLimit, name: a, namespace: shop}
      merge:
        limits:
          - {name: all, rate: 5/s}
          - {name: al, rate: 5/s} # expect: M1004
          - {rate: 5/s} # expect: M1004
",
        );
    }
}
