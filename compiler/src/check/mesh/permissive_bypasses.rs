use mesh_ir::MtlsMode;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Routes run in the proxy of the caller; who has none reaches the port directly.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(809),
    title: "a permissive port lets callers pass by its routes",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0809.md"),
};

/// Permissive ports of services with routes.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (id, routes) in subject.lowered.service_routes() {
        let (Some(lowered), Some(service)) = (
            subject.lowered.services.get(id),
            subject.program.services.get(id),
        ) else {
            continue;
        };
        for port in lowered
            .ports
            .iter()
            .filter(|it| it.mtls == MtlsMode::Permissive)
        {
            let mut about = routes.routes.iter();
            let about = about.find(|it| it.ir.target.ports.contains(&port.name));
            let mut written = service.spec.ports.iter();
            let written = written.find(|it| it.name.value == port.name);
            let (Some(route), Some(written)) = (about, written) else {
                continue;
            };
            let message = format!("callers in plain text pass by the routes of `{}`", id.name);
            out.push(
                Diagnostic::new(&INFO, written.name.span, message)
                    .label(route.object.name.span, "run by the proxies of callers")
                    .help("weights, rewrites and retries hold for callers with a proxy alone"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn permissive_bypasses_routes() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  versions: {v1: {}}
  ports:
    http: # expect: M0809
      port: 80
      mtls: {mode: permissive, exception: {owner: web, reason: VM clients, expires: 2027-01-31}}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, rules: [{to: [{version: v1}]}]}
",
        );
    }
}
