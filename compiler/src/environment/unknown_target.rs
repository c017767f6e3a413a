use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::sources::Trace;
use crate::syntax::ast::{Environment, Patch};
use crate::syntax::{Parsed, closest};

/// A patch of nothing: what was meant to differ does not.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1003),
    title: "a patch has no document to change",
    severity: Severity::Error,
    page: include_str!("../../../docs/diagnostics/M1003.md"),
};

/// Targets that no document of this environment is.
pub(super) fn check(spec: &Environment, parsed: &Parsed, trace: &Trace, out: &mut Vec<Diagnostic>) {
    // It may be the document that could not be read.
    if parsed
        .broken()
        .any(|it| it.kind.is_none() || it.name.is_none())
    {
        return;
    }
    let target = |it: &Patch| {
        let namespace = it.namespace.as_ref().map(|it| it.value.clone());
        (it.kind.value, namespace, it.name.value.clone())
    };
    for (place, patch) in spec.patches.iter().enumerate() {
        let mut before = spec.patches[..place].iter();
        if trace.patches.contains_key(&patch.span) || before.any(|it| target(it) == target(patch)) {
            continue;
        }
        let kind = patch.kind.value;
        let of_kind = || parsed.documents().filter(|it| it.kind() == kind);
        let name = patch.name.value.as_str();
        let message = match &patch.namespace {
            Some(namespace) => format!("there is no {kind} `{name}` in `{}`", namespace.value),
            None => format!("there is no {kind} `{name}`"),
        };
        let found = Diagnostic::new(&INFO, patch.name.span, message);
        let elsewhere = of_kind()
            .filter(|it| it.name().value.as_str() == name)
            .find_map(|it| it.namespace());
        let near = closest(name, of_kind().map(|it| it.name().value.as_str()));
        out.push(match (elsewhere, near) {
            (Some(namespace), _) => found.help(format!(
                "there is one in the namespace `{}`",
                namespace.value
            )),
            (None, Some(near)) => found.help(format!("did you mean `{near}`?")),
            (None, None) => found.help("name a document that this environment does not exclude"),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_patch_changes_a_document_that_is_there() {
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
    - target: {kind: Service, name: a, namespace: shop}
      merge: {hosts: [a.example]}
    - target: {kind: Service, name: a, namespace: labs} # expect: M1003
      merge: {hosts: [b.example]}
    - target: {kind: Route, name: a, namespace: shop} # expect: M1003
      merge: {rules: []}
",
        );
    }
}
