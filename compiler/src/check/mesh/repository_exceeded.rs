use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Place, Severity};
use crate::lower::MAX_RULES;
use crate::syntax::ast::Spanned;

/// The repository keeps its own limits.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(805),
    title: "a limit of the repository is exceeded",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0805.md"),
};

/// More files, bytes or rules than `Mesh.repository` allows.
pub(super) fn check(subject: &Subject<'_, '_>, out: &mut Vec<Diagnostic>) {
    let Some(mesh) = subject.program.mesh else {
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
    for (id, routes) in &subject.lowered.routes {
        let count = routes.rules().count();
        let last = routes.routes.last();
        if let (true, Some(last)) = (count > most, last) {
            let message = format!("`{id}` has {count} rules, and {most} are allowed");
            out.push(Diagnostic::new(&INFO, last.object.kind_span, message));
        }
    }
}

fn files(subject: &Subject<'_, '_>, most: Option<Spanned<u64>>, out: &mut Vec<Diagnostic>) {
    let count = subject.sources.files().count() as u64;
    if let Some(most) = most.filter(|it| count > it.value) {
        let message = format!("there are {count} files, and {} are allowed", most.value);
        out.push(Diagnostic::new(&INFO, most.span, message));
    }
}

fn bytes(
    subject: &Subject<'_, '_>,
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
