use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::closest;

/// A variable without a value: what was meant to differ would be a literal text.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1002),
    title: "no such variable",
    severity: Severity::Error,
    page: include_str!("../../../../../docs/diagnostics/M1002.md"),
};

const LITERAL: &str = "write `$$(` for the text `$(`";

/// A name that the environment gives no value.
pub(in crate::syntax::overlay) fn error<'n>(
    at: Span,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let found = Diagnostic::new(&INFO, at, format!("there is no variable `{name}`"));
    match closest(name, known) {
        Some(near) => found.help(format!("did you mean `$({near})`?")),
        None => found.help(format!(
            "give it a value in `variables` of each Environment; {LITERAL}"
        )),
    }
}

/// What stands between the brackets is no name.
pub(in crate::syntax::overlay) fn no_name(at: Span, text: &str) -> Diagnostic {
    let message = format!("`$({text})` names no variable");
    Diagnostic::new(&INFO, at, message).help(format!(
        "names are lower-case letters, digits and `-`; {LITERAL}"
    ))
}

/// A bracket that is not closed.
pub(in crate::syntax::overlay) fn open(at: Span) -> Diagnostic {
    let found = Diagnostic::new(&INFO, at, "a `$(` in this text is not closed");
    found.help(format!("close it with `)`; {LITERAL}"))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn each_variable_has_a_value() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  hosts:
    - $(host)
    - $(hots) # expect: M1002
    - $(HOST) # expect: M1002
    - $(host # expect: M1002
---
kind: Environment
metadata: {name: staging}
spec: {variables: {host: a.example}}
",
        );
    }

    #[test]
    fn without_an_environment_no_variable_has_one() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  hosts:
    - $(host) # expect: M1002
",
        );
    }
}
