use std::collections::BTreeMap;
use std::fmt::Display;

use mesh_ir::Name;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;

/// Everything has one owner, and the mesh has exactly one.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(303),
    title: "two teams own one thing, or none owns the mesh",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0303.md"),
};

/// Directories, namespaces and hosts with two owners; a mesh with none or two.
pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let mut claims = Claims::default();
    for team in program.teams.values() {
        let (name, owns) = (&team.name.value, &team.spec.owns);
        let mut claim = |what: String, at| out.extend(claims.add(what, name, at));
        if let Some(at) = owns.mesh {
            claim("the mesh".to_owned(), at);
        }
        for it in &owns.directories {
            claim(format!("the directory `{}`", it.value), it.span);
        }
        for it in &owns.namespaces {
            claim(format!("the namespace `{}`", it.value), it.span);
        }
        for it in &owns.hosts {
            let path = it.value.path.as_ref();
            let path = path.map_or_else(String::new, ToString::to_string);
            claim(format!("the host `{}{path}`", it.value.host), it.span);
        }
    }
    let first = program
        .teams
        .values()
        .next()
        .filter(|_| !program.has_broken());
    if let (None, Some(first)) = (claims.0.get("the mesh"), first) {
        out.push(
            Diagnostic::new(&INFO, first.kind_span, "no team owns the mesh")
                .help("write `owns: {mesh: true, …}` in exactly one Team"),
        );
    }
}

#[derive(Default)]
struct Claims<'a>(BTreeMap<String, (&'a Name, Span)>);

impl<'a> Claims<'a> {
    fn add(&mut self, what: String, team: &'a Name, at: Span) -> Option<Diagnostic> {
        if let Some((other, first)) = self.0.get(&what) {
            return Some(twice(&what, team, at, other, *first));
        }
        self.0.insert(what, (team, at));
        None
    }
}

fn twice(what: &str, team: &dyn Display, at: Span, other: &dyn Display, first: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("{what} already belongs to `{other}`"))
        .marked(format!("claimed by `{team}`"))
        .label(first, format!("owned by `{other}`"))
        .help("leave it to one of the two teams")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn everything_has_one_owner() {
        check(
            "
kind: Team
metadata: {name: a}
spec: {owns: {mesh: true, directories: [.], namespaces: [shop]}}
---
kind: Team
metadata: {name: b}
spec:
  owns:
    directories: [b]
    namespaces: [shop] # expect: M0303
",
        );
    }

    #[test]
    fn somebody_owns_the_mesh() {
        check(
            "
kind: Team # expect: M0303
metadata: {name: a}
spec: {owns: {directories: [.]}}
",
        );
    }
}
