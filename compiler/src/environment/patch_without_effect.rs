use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::sources::Trace;
use crate::syntax::ast::Environment;

/// A patch that says what the document says anyway: one of the two was meant otherwise.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1009),
    title: "a patch changes nothing",
    severity: Severity::Warning,
    page: include_str!("../../../docs/diagnostics/M1009.md"),
};

/// Patches after which their document says what it said before.
pub(super) fn check(spec: &Environment, trace: &Trace, out: &mut Vec<Diagnostic>) {
    for patch in &spec.patches {
        if trace.patches.get(&patch.span) == Some(&false) {
            let message = format!("`{}` says all of this already", patch.name.value);
            let found = Diagnostic::new(&INFO, patch.name.span, message);
            out.push(found.help("remove the patch, or change what it gives"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_patch_makes_a_difference() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Environment
metadata: {name: staging}
spec:
  patches:
    - target: {kind: Service, name: a, namespace: shop} # expect: M1009
      merge: {ports: {http: 80}}
",
        );
    }
}
