use mesh_ir::{DefaultAccess, Scope};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Under default deny a list of denials closes what is closed already; whoever
/// wrote it probably expects the rest to be open.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(603),
    title: "this denies everything",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0603.md"),
};

/// Enforced documents with `deny` only, about a service that nothing allows to call.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for access in subject.lowered.access.values() {
        let Scope::Service(service) = &access.ir.target.scope else {
            continue;
        };
        let default = subject.lowered.settings.access_default(&service.namespace);
        let spec = &access.object.spec;
        if access.ir.shadow
            || spec.deny.is_empty()
            || !spec.allow.is_empty()
            || default.mode == DefaultAccess::Allow
        {
            continue;
        }
        let allowed = |port: &mesh_ir::Name| {
            let mut all = subject.access_of(service);
            all.any(|it| it.ir.target.covers(service, port) && !it.object.spec.allow.is_empty())
        };
        let ports = subject.lowered.services.get(service).map(|it| &it.ports);
        let mut ports = ports
            .into_iter()
            .flatten()
            .filter(|port| access.ir.target.covers(service, &port.name));
        if !ports.any(|port| allowed(&port.name)) {
            let message = format!("nothing allows to call `{service}`, so this denies everything");
            out.push(
                Diagnostic::new(&INFO, access.object.kind_span, message)
                    .help("add the `allow` entries that you expect to hold"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn denials_alone_open_nothing() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access # expect: M0603
metadata: {name: a, namespace: shop}
spec:
  service: a
  deny: [{match: [{paths: [/admin/**]}]}]
",
        );
    }

    #[test]
    fn another_document_may_allow() {
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
  deny: [{match: [{paths: [/admin/**]}]}]
---
kind: Access
metadata: {name: b, namespace: shop}
spec: {all: namespace, allow: [{from: [{namespace: shop}]}]}
",
        );
    }
}
