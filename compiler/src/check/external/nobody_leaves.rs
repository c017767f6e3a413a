use mesh_ir::{DefaultAccess, Subject as About};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// No allow means no, outwards too.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(921),
    title: "nobody may call an external service",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0921.md"),
};

/// External services that no enforced `allow` is about.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    for (id, external) in &subject.lowered.externals {
        let settings = &subject.lowered.settings;
        if settings.access_default(&id.namespace).mode == DefaultAccess::Allow {
            continue;
        }
        let mut enforced = subject.lowered.access.values().filter(|it| !it.ir.shadow);
        let speaks = |it: &mesh_ir::Access| {
            it.target.scope.is_about(About::External(id)) && !it.allow.is_empty()
        };
        if !enforced.any(|it| speaks(&it.ir)) {
            let message = format!("no Access lets anybody call `{}`", id.name);
            let found = Diagnostic::new(&INFO, external.object.name.span, message);
            let found = match &external.object.spec.via {
                Some(via) => found.label(via.span, "judged by this gateway"),
                None => found,
            };
            out.push(found.help(format!("write an `Access` with `external: {}`", id.name)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn external_for_nobody() {
        check(
            "
kind: ExternalService
metadata: {name: payments-api, namespace: shop} # expect: M0921
spec: {hosts: [api.pay.example], ports: {http: {port: 80, targetPort: 443}}, tls: {}}
",
        );
    }
}
