use mesh_ir::Name;

use super::teams::Teams;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::ast::{Document, Reference, Spanned, TargetScope};

/// A file speaks only for what the team of its directory owns; so a review by the
/// owners of a directory is a review by those whom its content concerns.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(302),
    title: "the document lies outside its team's directories",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0302.md"),
};

/// Compares the team of the file with the teams of what the document speaks for.
pub(super) fn check(
    document: &Document,
    writer: Option<&Name>,
    teams: &Teams<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let Some(own) = document.namespace() else {
        return;
    };
    let about: Option<&Spanned<Reference>> = match document {
        // A gateway says itself whose routes it takes.
        Document::Route(it) => match &it.spec.target.scope {
            TargetScope::Gateway(_) => None,
            _ => it.spec.target.one(),
        },
        Document::Access(it) => it.spec.target.one(),
        Document::RateLimit(it) => it.spec.target.one(),
        Document::Telemetry(it) => it.spec.target.one(),
        _ => None,
    };
    let called = about
        .and_then(|it| Some((it.value.namespace.as_ref()?, it.span)))
        .filter(|(namespace, _)| **namespace != own.value);
    for (namespace, span) in [Some((&own.value, own.span)), called].into_iter().flatten() {
        let owner = teams.of_namespace(namespace);
        if owner.is_none() || owner != writer {
            out.push(found(namespace, span, owner, writer));
        }
    }
}

fn found(namespace: &Name, at: Span, owner: Option<&Name>, writer: Option<&Name>) -> Diagnostic {
    let whose = match writer {
        Some(team) => format!("this directory belongs to `{team}`"),
        None => "this directory belongs to no team".to_owned(),
    };
    let (message, help) = if let Some(owner) = owner {
        (
            format!("the namespace `{namespace}` belongs to the team `{owner}`"),
            format!("move the document into a directory of `{owner}`"),
        )
    } else {
        (
            format!("the namespace `{namespace}` belongs to no team"),
            format!("add `{namespace}` to `owns.namespaces` of a Team"),
        )
    };
    Diagnostic::new(&INFO, at, message).marked(whose).help(help)
}

#[cfg(test)]
mod tests {
    use crate::testing::check_files;

    const PLATFORM: &str = "
kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Team
metadata: {name: platform}
spec: {owns: {mesh: true, directories: [.]}}
---
kind: Team
metadata: {name: web}
spec: {owns: {directories: [teams/web], namespaces: [web]}}
---
kind: Team
metadata: {name: pay}
spec: {owns: {directories: [teams/web/pay], namespaces: [pay]}}
";

    #[test]
    fn the_deepest_directory_decides() {
        let pay = "
kind: Service
metadata: {name: a, namespace: pay}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: b, namespace: web} # expect: M0302
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: c, namespace: labs} # expect: M0302
spec: {ports: {http: 80}}
";
        check_files(&[("mesh.yaml", PLATFORM), ("teams/web/pay/a.yaml", pay)]);
    }

    #[test]
    fn access_belongs_to_the_team_that_is_called() {
        let pay = "
kind: Service
metadata: {name: a, namespace: pay}
spec: {ports: {http: 80}}
";
        let web = "
kind: Access
metadata: {name: a, namespace: web}
spec:
  service: a.pay # expect: M0302
  allow: [{from: [{authenticated: true}]}]
";
        check_files(&[
            ("mesh.yaml", PLATFORM),
            ("teams/web/pay/a.yaml", pay),
            ("teams/web/b.yaml", web),
        ]);
    }
}
