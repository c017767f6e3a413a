use std::collections::BTreeMap;

use mesh_ir::{HostPattern, Name};

use crate::diagnostic::Span;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::{Spanned, TargetScope};

/// Mesh names win, so what is outside under one of them could never be reached.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(217),
    title: "a host outside is a name of the mesh",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0217.md"),
};

/// Hosts of external services, and of routes of gateways, that a service answers to; and
/// hosts that two external services have.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    if program.externals.is_empty() && program.gateways.is_empty() {
        return;
    }
    let names = names(program);
    let mut look = |host: &Spanned<HostPattern>| {
        let HostPattern::Exact(exact) = &host.value else {
            return;
        };
        if let Some((service, at)) = names.get(exact.as_str()) {
            let message = format!("`{exact}` is the service `{service}` of the mesh");
            out.push(
                Diagnostic::new(&INFO, host.span, message)
                    .label(*at, "the service is here")
                    .help("name the outside by a host that is not in the mesh"),
            );
        }
    };
    for external in program.externals.values() {
        external.spec.hosts.iter().for_each(&mut look);
    }
    for route in program.routes.values() {
        if let TargetScope::Gateway(_) = &route.spec.target.scope {
            route.spec.target.hosts.iter().for_each(&mut look);
        }
    }
    twice(program, out);
}

/// Everything that services answer to from everywhere.
fn names(program: &Program) -> BTreeMap<String, (String, Span)> {
    let mut names = BTreeMap::new();
    for (id, service) in &program.services {
        let at = service.name.span;
        let mut add = |name: String| names.insert(name, (id.to_string(), at));
        add(id.to_string());
        add(format!("{id}.svc"));
        add(format!("{id}.svc.cluster.local"));
        for host in &service.spec.hosts {
            add(host.value.to_string());
        }
    }
    names
}

fn twice(program: &Program, out: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<(&HostPattern, u16), (&Name, Span)> = BTreeMap::new();
    for (id, external) in &program.externals {
        for host in &external.spec.hosts {
            for port in &external.spec.ports {
                let key = (&host.value, port.number.value);
                let Some((other, at)) = taken.insert(key, (&id.name, host.span)) else {
                    continue;
                };
                let message = format!("`{}` is the external service `{other}` already", host.value);
                out.push(
                    Diagnostic::new(&INFO, host.span, message)
                        .label(at, format!("taken by `{other}`"))
                        .help("give the two different ports, or leave the host to one"),
                );
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn external_host_taken() {
        check(
            "
kind: Service
metadata: {name: pay, namespace: shop}
spec: {ports: {http: 80}, hosts: [api.pay.example]}
---
kind: ExternalService
metadata: {name: payments-api, namespace: shop}
spec:
  hosts:
    - api.pay.example # expect: M0217
    - pay.shop # expect: M0217
    - other.pay.example
  ports: {http: 80}
---
kind: ExternalService
metadata: {name: payments-too, namespace: shop}
spec:
  hosts:
    - other.pay.example # expect: M0217
  ports: {http: 80}
---
kind: Access
metadata: {name: out, namespace: shop}
spec: {all: namespace, allow: [{from: [{service: pay}]}]}
",
        );
    }
}
