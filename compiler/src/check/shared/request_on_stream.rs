use mesh_ir::{Key, Name, Protocol};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::{Program, ports_in_force, target_service};
use crate::syntax::ast::{Port, Reference, Spanned, Target};

/// On a port of bytes there are no requests: a condition on them is neither
/// widened nor narrowed in silence.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(210),
    title: "a condition on requests, on a port that has none",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0210.md"),
};

/// `match`, `hosts` and keys of requests about `tcp` and `tls` ports of a service.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    for entry in program.entries() {
        let Some(first) = entry.matches.first() else {
            continue;
        };
        if let Some(port) = stream(program, entry.service, entry.namespace, entry.ports) {
            out.push(found("`match`", first.span, port));
        }
    }
    for (id, limits) in &program.limits {
        let target = &limits.spec.target;
        let service = target_service(target);
        let Some(port) = stream(program, service, &id.namespace, &target.ports) else {
            continue;
        };
        let of_requests = |key: &Key| !matches!(key, Key::Caller | Key::Address);
        let keys = limits.spec.limits.iter().flat_map(|it| &it.per);
        for key in keys.filter(|it| of_requests(&it.value)) {
            out.push(found("this key", key.span, port));
        }
    }
    let access = program.access.iter().map(|(id, it)| (id, &it.spec.target));
    let limits = program.limits.iter().map(|(id, it)| (id, &it.spec.target));
    for (id, target) in access.chain(limits) {
        check_hosts(program, &id.namespace, target, out);
    }
}

fn check_hosts(program: &Program, here: &Name, target: &Target, out: &mut Vec<Diagnostic>) {
    let service = target_service(target);
    let mut ports = streams(program, service, here, &target.ports);
    // On `tls` ports the host is the server name.
    let bytes = ports.find(|port| port.protocol.value == Protocol::Tcp);
    if let (Some(host), Some(port)) = (target.hosts.first(), bytes) {
        out.push(found("`hosts`", host.span, port));
    }
}

/// A port of bytes among those that a document is about.
fn stream<'a>(
    program: &'a Program,
    service: Option<&Spanned<Reference>>,
    here: &Name,
    ports: &'a [Spanned<Name>],
) -> Option<&'a Port> {
    streams(program, service, here, ports).next()
}

/// The ports of bytes among those that a document is about.
fn streams<'a>(
    program: &'a Program,
    service: Option<&Spanned<Reference>>,
    here: &Name,
    ports: &'a [Spanned<Name>],
) -> impl Iterator<Item = &'a Port> {
    let found = service.and_then(|it| program.service(&it.value, here));
    let ports = found.map(|(_, service)| ports_in_force(&service.spec, ports));
    ports
        .into_iter()
        .flatten()
        .filter(|port| !port.protocol.value.is_http())
}

fn found(what: &str, at: Span, port: &Port) -> Diagnostic {
    let (name, protocol) = (&port.name.value, port.protocol.value);
    let message = format!("{what} is about requests, and port `{name}` speaks {protocol}");
    Diagnostic::new(&INFO, at, message)
        .label(port.name.span, format!("declared as {protocol} here"))
        .help("remove it, or name only HTTP ports in `ports`")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn requests_are_not_matched_on_a_port_of_bytes() {
        check(
            "
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tcp: 5432, http: 80}}
---
kind: Access
metadata: {name: db, namespace: shop}
spec:
  service: db
  ports: [tcp]
  hosts: [db.shop] # expect: M0210
  allow:
    - from: [{namespace: shop}]
      match:
        - {paths: [/a]} # expect: M0210
---
kind: RateLimit
metadata: {name: db, namespace: shop}
spec:
  service: db
  ports: [tcp]
  limits:
    - {rate: 10/s, per: [caller]}
    - {rate: 5/s, per: [caller, 'header:x-a']} # expect: M0210
",
        );
    }

    #[test]
    fn on_a_tls_port_the_host_is_the_server_name() {
        check(
            "
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tls: 5432}, hosts: [db.internal]}
---
kind: Access
metadata: {name: db, namespace: shop}
spec: {service: db, hosts: [db.internal], allow: [{from: [{namespace: shop}]}]}
",
        );
    }

    #[test]
    fn with_all_a_match_is_about_the_http_ports() {
        check(
            "
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: {tcp: 5432, http: 80}}
---
kind: Access
metadata: {name: all, namespace: shop}
spec:
  all: namespace
  allow:
    - {from: [{namespace: shop}], match: [{paths: [/a]}]}
",
        );
    }
}
