use mesh_ir::{HostPattern, Protocol};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::listener_name;
use crate::syntax::ast::{Gateway, Listener};

use super::host_not_served::serves;

/// Clients of `https` get no answer, or one that anybody on the way can read.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(913),
    title: "a listener has no certificate",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0913.md"),
};

/// Ports of `https` without TLS, and redirects to `https` that nobody answers.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for gateway in subject.program.gateways.values() {
        for listener in &gateway.spec.listeners {
            out.extend(plain(listener));
            out.extend(redirect(&gateway.spec, listener));
        }
    }
}

fn plain(listener: &Listener) -> Option<Diagnostic> {
    let protocol = listener.protocol.map_or(Protocol::Http, |it| it.value);
    let usual = matches!(listener.port.value, 443 | 8443);
    if !usual || listener.tls.is_some() || !protocol.is_http() {
        return None;
    }
    let message = format!(
        "`{}` speaks no TLS on port {}",
        listener_name(listener),
        listener.port.value
    );
    let found = Diagnostic::new(&INFO, listener.port.span, message);
    Some(found.help("add `tls: {certificate: {secret: …}}`, or choose another port"))
}

fn redirect(gateway: &Gateway, listener: &Listener) -> Option<Diagnostic> {
    let at = listener.redirect?;
    let answered = |host: &HostPattern| {
        let mut all = gateway.listeners.iter();
        all.any(|it| it.tls.is_some() && serves(it, host))
    };
    let unanswered = match listener.hosts.as_slice() {
        [] if gateway.listeners.iter().any(|it| it.tls.is_some()) => None,
        [] => Some("these hosts".to_owned()),
        hosts => {
            let host = hosts.iter().find(|host| !answered(&host.value));
            host.map(|host| format!("`{}`", host.value))
        }
    }?;
    let message = format!("no listener answers {unanswered} with TLS");
    let found = Diagnostic::new(&INFO, at, message);
    Some(found.help("add a listener with `tls`, for example on port 443"))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn certificate_missing() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  listeners:
    - name: web
      port: 443 # expect: M0913
      hosts: [shop.example]
    - name: plain
      port: 80
      hosts: [shop.example]
      redirect: {scheme: https} # expect: M0913
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{gateway: edge}]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: reviews}]}]}
",
        );
    }
}
