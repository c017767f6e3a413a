use mesh_ir::{DefaultAccess, Subject as About};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// No allow means no, at a gateway too.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(916),
    title: "a gateway lets nobody in",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0916.md"),
};

/// Gateways with listeners that no enforced `allow` is about.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    if !subject.program.is_complete() {
        return;
    }
    for (id, gateway) in &subject.lowered.gateways {
        let settings = &subject.lowered.settings;
        let default = settings.access_default(&id.namespace).mode;
        if gateway.ir.listeners.is_empty() || default == DefaultAccess::Allow {
            continue;
        }
        let mut enforced = subject.lowered.access.values().filter(|it| !it.ir.shadow);
        let speaks = |it: &mesh_ir::Access| {
            it.target.scope.is_about(About::Gateway(id)) && !it.allow.is_empty()
        };
        if !enforced.any(|it| speaks(&it.ir)) {
            let message = format!("no Access lets anybody into the gateway `{}`", id.name);
            let found = Diagnostic::new(&INFO, gateway.object.name.span, message);
            out.push(found.help(format!(
                "write an `Access` with `gateway: {}`, for the public `anyone: true`",
                id.name
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn gateway_for_nobody() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop} # expect: M0916
spec: {listeners: [{name: web, port: 80, hosts: [shop.example]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: reviews}]}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{gateway: edge}]}]}
",
        );
    }
}
