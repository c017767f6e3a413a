use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::sources::Trace;
use crate::syntax::ast::Environment;

/// A variable that no document reads: somebody believes that it says something.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1007),
    title: "a variable is not used",
    severity: Severity::Warning,
    page: include_str!("../../../docs/diagnostics/M1007.md"),
};

/// Variables of the environment that stand in none of its documents.
pub(super) fn check(spec: &Environment, trace: &Trace, out: &mut Vec<Diagnostic>) {
    for variable in &spec.variables {
        let name = &variable.name;
        if !trace.variables.contains(name.value.as_str()) {
            let message = format!("no document says `$({})`", name.value);
            let found = Diagnostic::new(&INFO, name.span, message);
            out.push(found.help("remove the variable, or use it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_variable_is_there_to_be_used() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, hosts: [$(host)]}
---
kind: Environment
metadata: {name: staging}
spec:
  variables:
    host: a.example
    other: b.example # expect: M1007
",
        );
    }
}
