use mesh_ir::Timestamp;

use super::permissive_alone::written;
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Exception;

/// An exception whose day is over. An `allow` entry has ended by itself; the others
/// go on and stay visible.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(802),
    title: "an exception has expired",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0802.md"),
};

/// Every `exception` that does not hold today.
pub(super) fn check(subject: &Subject<'_>, now: Timestamp, out: &mut Vec<Diagnostic>) {
    let allow = subject
        .program
        .access
        .values()
        .flat_map(|access| &access.spec.allow)
        .filter_map(|entry| entry.exception.as_ref());
    for exception in allow.filter(|it| is_over(it, now)) {
        out.push(
            Diagnostic::new(
                &INFO,
                exception.expires.span,
                "this entry has ended: its exception expired",
            )
            .help("remove the entry, or have the exception renewed by its owner"),
        );
    }
    let mesh = subject.program.mesh.iter().flat_map(|mesh| {
        let blocks = mesh.spec.namespaces.iter().map(|block| &block.access);
        std::iter::once(&mesh.spec.access).chain(blocks)
    });
    let open = mesh.flatten().filter_map(|it| it.exception.as_ref());
    let mtls = written(subject).filter_map(|it| it.exception.as_ref());
    let authorizers = subject.program.access.values();
    let authorizers = authorizers.filter_map(|it| it.spec.authorizer.as_ref()?.exception.as_ref());
    let open = open.chain(mtls).chain(authorizers);
    for exception in open.filter(|it| is_over(it, now)) {
        let message = format!("the exception of `{}` has expired", exception.owner.value);
        out.push(
            Diagnostic::new(&INFO, exception.expires.span, message)
                .help("close what it opens, or have it renewed: it goes on until then"),
        );
    }
}

fn is_over(exception: &Exception, now: Timestamp) -> bool {
    exception.expires.value <= now
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn the_last_day_is_included() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from: [{namespace: shop}]
      exception:
        owner: web
        reason: INC-1
        expires: 2026-10-31 # expect: M0802
    - from: [{authenticated: true}]
      exception: {owner: web, reason: INC-2, expires: 2026-11-01}
",
        );
    }
}
