use mesh_ir::{Kind, Scope};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Place, Severity, Span};
use crate::lower::{MAX_PARTS, MAX_RULES, Size};
use crate::syntax::ast::Spanned;

/// The repository keeps its own limits.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(805),
    title: "a limit of the repository is exceeded",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0805.md"),
};

/// More files, bytes or rules than `Mesh.repository` allows.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let Some(mesh) = &subject.program.mesh else {
        return;
    };
    let limits = &mesh.spec.repository;
    files(subject, limits.files, out);
    bytes(subject, limits.total_size, limits.file_size, out);
    let most = limits.rules_per_service.map_or(MAX_RULES, |it| {
        usize::try_from(it.value)
            .unwrap_or(MAX_RULES)
            .min(MAX_RULES)
    });
    for (scope, routes) in &subject.lowered.routes {
        if let Some(last) = routes.routes.last() {
            let at = last.object.kind_span;
            out.extend(rules(&name(scope), routes.size(), most, at));
        }
    }
    for ((kind, scope), size) in subject.sizes() {
        if size.rules <= most && !size.is_too_large() {
            continue;
        }
        let what = name(scope);
        let same = |other: &Scope| other == *scope;
        let mut access = subject.lowered.access.values();
        let access = access.rfind(|it| same(&it.ir.target.scope));
        let mut limits = subject.lowered.limits.values();
        let limits = limits.rfind(|it| same(&it.ir.target.scope));
        let at = match kind {
            Kind::Access => access.map(|it| it.object.kind_span),
            _ => limits
                .and_then(|it| subject.program.limits.get(&it.ir.id))
                .map(|it| it.kind_span),
        };
        out.extend(at.and_then(|at| rules(&what, *size, most, at)));
    }
}

fn name(scope: &Scope) -> String {
    match scope {
        Scope::Service(service) | Scope::External(service) => service.to_string(),
        Scope::Gateway(gateway) => gateway.to_string(),
        Scope::Namespace(namespace) => namespace.to_string(),
        Scope::Mesh => "all: mesh".to_owned(),
    }
}

/// Too many rules of one kind about one scope, or too large ones.
fn rules(about: &str, size: Size, most: usize, at: Span) -> Option<Diagnostic> {
    let message = if size.rules > most {
        format!("`{about}` has {} rules, and {most} are allowed", size.rules)
    } else if size.parts > MAX_PARTS {
        format!(
            "the rules about `{about}` have {} parts, at most {MAX_PARTS}",
            size.parts
        )
    } else {
        return None;
    };
    let help = "merge entries, or cut the service; callers, methods and paths are parts";
    Some(Diagnostic::new(&INFO, at, message).help(help))
}

fn files(subject: &Subject<'_>, most: Option<Spanned<u64>>, out: &mut Vec<Diagnostic>) {
    let count = subject.sources.files().count() as u64;
    if let Some(most) = most.filter(|it| count > it.value) {
        let message = format!("there are {count} files, and {} are allowed", most.value);
        out.push(Diagnostic::new(&INFO, most.span, message));
    }
}

fn bytes(
    subject: &Subject<'_>,
    total: Option<Spanned<u64>>,
    each: Option<Spanned<u64>>,
    out: &mut Vec<Diagnostic>,
) {
    let mut sum = 0;
    for (_, file) in subject.sources.files() {
        let size = file.content.len() as u64;
        sum += size;
        if let Some(each) = each.filter(|it| size > it.value) {
            let message = format!("the file has {size} bytes, and {} are allowed", each.value);
            let place = Place::Path(file.path.to_string());
            out.push(Diagnostic::at(&INFO, place, message).label(each.span, "allowed here"));
        }
    }
    if let Some(total) = total.filter(|it| sum > it.value) {
        let message = format!(
            "all files have {sum} bytes, and {} are allowed",
            total.value
        );
        out.push(Diagnostic::new(&INFO, total.span, message));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn rules_with_too_many_parts_are_not_compared() {
        let paths: Vec<String> = (0..4001).map(|n| format!("/{n}")).collect();
        let text = format!(
            "
kind: Service
metadata: {{name: a, namespace: shop}}
spec: {{ports: {{http: 80}}}}
---
kind: Route # expect: M0805
metadata: {{name: a, namespace: shop}}
spec: {{service: a, rules: [{{match: [{{paths: [{paths}]}}]}}]}}
---
kind: Access # expect: M0805
metadata: {{name: a, namespace: shop}}
spec: {{service: a, allow: [{{from: [{{namespace: shop}}], match: [{{paths: [{paths}]}}]}}]}}
",
            paths = paths.join(", ")
        );
        check(&text);
    }

    #[test]
    fn the_repositorys_own_limits_hold() {
        check(
            "
kind: Mesh
metadata: {name: test}
spec:
  trustDomain: test.example
  repository:
    totalSize: 64B # expect: M0805
    rulesPerService: 1
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}}}
---
kind: Route # expect: M0805
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - {match: [{paths: [/a]}], to: [{version: v1}]}
    - {match: [{paths: [/b]}], to: [{version: v2}]}
",
        );
    }
}
