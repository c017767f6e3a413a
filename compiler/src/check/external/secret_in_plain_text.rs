use mesh_ir::{Action, BackendTarget, ExternalService, HeaderEdits, Protocol, Scope};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{self, Named};

/// Outside there is no mutual TLS: without TLS everybody on the way reads the request.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(920),
    title: "a secret leaves the mesh in plain text",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0920.md"),
};

/// Headers that carry a secret, set on the way to an external service without TLS.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let lowered = subject.lowered;
    for (scope, routes) in &lowered.routes {
        for (written, rule) in routes.rules() {
            let (ast::Action::Forward(written), Action::Forward(forward)) =
                (&written.action, &rule.action)
            else {
                continue;
            };
            let plain = forward.backends.iter().find_map(|backend| {
                let id = match (&backend.target, scope) {
                    (BackendTarget::External { service, .. }, _) => service,
                    (BackendTarget::Service, Scope::External(own)) => own,
                    _ => return None,
                };
                let external = lowered.externals.get(id)?;
                is_plain(&external.ir).then_some(external)
            });
            let Some(external) = plain else { continue };
            let edits = written.to.iter().map(|it| &it.headers.request);
            let mut edits = edits.chain([&written.headers.request]);
            if !secret(&forward.request_headers)
                && !forward
                    .backends
                    .iter()
                    .any(|it| secret(&it.request_headers))
            {
                continue;
            }
            let Some(edit) = edits.find_map(first) else {
                continue;
            };
            let message = format!("`{}` leaves the mesh in plain text", edit.name.value);
            out.push(
                Diagnostic::new(&INFO, edit.name.span, message)
                    .label(external.object.name.span, "without TLS")
                    .help("add `tls: {}` to the ExternalService"),
            );
        }
    }
}

fn is_plain(external: &ExternalService) -> bool {
    external.tls.is_none() && external.ports.iter().any(|it| it.protocol != Protocol::Tls)
}

fn is_secret(name: &str) -> bool {
    matches!(
        name,
        "authorization" | "proxy-authorization" | "cookie" | "x-api-key"
    )
}

fn secret(edits: &HeaderEdits) -> bool {
    edits
        .set
        .iter()
        .chain(&edits.add)
        .any(|it| is_secret(&it.name))
}

fn first(edits: &ast::HeaderEdits) -> Option<&Named<String>> {
    let mut all = edits.set.iter().chain(&edits.add);
    all.find(|it| is_secret(&it.name.value))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn secret_in_plain_text() {
        check(
            "
kind: Service
metadata: {name: checkout, namespace: shop}
spec: {}
---
kind: ExternalService
metadata: {name: payments-api, namespace: shop}
spec: {hosts: [api.pay.example], ports: {http: 80}}
---
kind: Access
metadata: {name: payments, namespace: shop}
spec: {external: payments-api, allow: [{from: [{service: checkout}]}]}
---
kind: Route
metadata: {name: payments, namespace: shop}
spec:
  external: payments-api
  rules:
    - headers:
        request:
          set:
            authorization: Bearer 4711 # expect: M0920
",
        );
    }
}
