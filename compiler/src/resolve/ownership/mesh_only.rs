use mesh_ir::Name;

use super::teams::Teams;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Document;

/// What holds for everybody is written by the team that owns the mesh.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(304),
    title: "only the team that owns the mesh may write this",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0304.md"),
};

/// `Mesh`, `Team` and `all: mesh` outside the directories of the mesh's team.
pub(super) fn check(
    document: &Document,
    writer: Option<&Name>,
    teams: &Teams<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let Some(owner) = teams.mesh else {
        return;
    };
    if writer == Some(owner) {
        return;
    }
    let what = match document {
        document if !document.kind().has_namespace() => document.kind().with_article(),
        _ => "`all: mesh`".to_owned(),
    };
    let at = match document {
        Document::Access(it) => it.spec.target.scope.span(),
        Document::RateLimit(it) => it.spec.target.scope.span(),
        Document::Telemetry(it) => it.spec.target.scope.span(),
        other => other.kind_span(),
    };
    let whose = match writer {
        Some(team) => format!("this directory belongs to `{team}`"),
        None => "this directory belongs to no team".to_owned(),
    };
    out.push(
        Diagnostic::new(
            &INFO,
            at,
            format!("{what} is for the team `{owner}` to write"),
        )
        .marked(whose)
        .help(format!("move the document into a directory of `{owner}`")),
    );
}

#[cfg(test)]
mod tests {
    use crate::testing::check_files;

    #[test]
    fn a_team_does_not_speak_for_the_whole_mesh() {
        let platform = "
kind: Mesh
metadata: {name: test}
spec: {trustDomain: test.example}
---
kind: Team
metadata: {name: platform}
spec: {owns: {mesh: true, directories: [platform]}}
---
kind: Team
metadata: {name: shop}
spec: {owns: {directories: [shop], namespaces: [shop]}}
";
        let shop = "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: everything, namespace: shop}
spec:
  all: mesh # expect: M0304
  allow: [{from: [{authenticated: true}]}]
---
kind: Team # expect: M0304
metadata: {name: more}
spec: {owns: {directories: [shop/more]}}
";
        check_files(&[("platform/mesh.yaml", platform), ("shop/a.yaml", shop)]);
    }
}
