use mesh_ir::Name;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{Document, Reference, Spanned};

/// The operator's identity lives in `meshwright`; a service there could be it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(301),
    title: "the namespace `meshwright` is reserved",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0301.md"),
};

const RESERVED: &str = "meshwright";

/// Documents in the reserved namespace, and documents about it.
pub(in crate::resolve) fn check(document: &Document, out: &mut Vec<Diagnostic>) {
    let mut look = |name: &Name, span| {
        if name.as_str() == RESERVED {
            let message = format!("the namespace `{RESERVED}` is the mesh's own");
            let help = "choose another namespace: no document may speak for this one";
            out.push(Diagnostic::new(&INFO, span, message).help(help));
        }
    };
    if let Some(namespace) = document.namespace() {
        look(&namespace.value, namespace.span);
    }
    let about: Option<&Spanned<Reference>> = match document {
        Document::Route(it) => it.spec.target.one(),
        Document::Access(it) => it.spec.target.one(),
        Document::RateLimit(it) => it.spec.target.one(),
        Document::Telemetry(it) => it.spec.target.one(),
        Document::Service(_)
        | Document::TokenIssuer(_)
        | Document::Gateway(_)
        | Document::ExternalService(_)
        | Document::Rollout(_)
        | Document::Environment(_)
        | Document::Invariant(_)
        | Document::PolicyTest(_) => None,
        Document::Mesh(it) => {
            for block in &it.spec.namespaces {
                look(&block.name.value, block.name.span);
            }
            None
        }
        Document::Team(it) => {
            for namespace in &it.spec.owns.namespaces {
                look(&namespace.value, namespace.span);
            }
            None
        }
    };
    if let Some(reference) = about
        && let Some(namespace) = &reference.value.namespace
    {
        look(namespace, reference.span);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn no_document_speaks_for_the_meshs_own_namespace() {
        check(
            "
kind: Service
metadata: {name: operator, namespace: meshwright} # expect: M0301
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: operator, namespace: shop}
spec:
  service: operator.meshwright # expect: M0301
  allow: [{from: [{authenticated: true}]}]
",
        );
    }
}
