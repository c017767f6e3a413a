use std::collections::BTreeMap;

use mesh_ir::{Host, ServiceRef};

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::resolve::Program;

/// A host must lead to one service, whoever asks: mesh names win over hosts, and
/// of two services that claim one host neither is the right one.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(206),
    title: "two services answer to one host",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0206.md"),
};

/// Hosts that are another service's host, or a mesh name of one.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    let mut taken: BTreeMap<&Host, (&ServiceRef, Span)> = BTreeMap::new();
    let names = Names::of(program);
    for (id, service) in &program.services {
        for host in &service.spec.hosts {
            if let Some((other, at)) = names.0.get(host.value.as_str()).filter(|it| it.0 != id) {
                out.push(taken_by(id, host.value.as_str(), host.span, other, *at));
            }
            match taken.get(&host.value) {
                Some((other, at)) if *other != id => {
                    out.push(taken_by(id, host.value.as_str(), host.span, other, *at));
                }
                Some(_) => {}
                None => {
                    taken.insert(&host.value, (id, host.span));
                }
            }
        }
    }
}

/// `name.namespace` of every service; `name` of every service, which is its name
/// within its namespace.
struct Names<'a>(BTreeMap<String, (&'a ServiceRef, Span)>);

impl<'a> Names<'a> {
    fn of(program: &'a Program) -> Self {
        let mut names = BTreeMap::new();
        if program.services.values().all(|it| it.spec.hosts.is_empty()) {
            return Self(names);
        }
        for (id, service) in &program.services {
            names.insert(id.to_string(), (id, service.name.span));
            names
                .entry(id.name.to_string())
                .or_insert((id, service.name.span));
        }
        Self(names)
    }
}

fn taken_by(id: &ServiceRef, host: &str, at: Span, other: &ServiceRef, first: Span) -> Diagnostic {
    Diagnostic::new(&INFO, at, format!("`{host}` already means `{other}`"))
        .marked(format!("claimed for `{id}`"))
        .label(first, format!("taken by `{other}`"))
        .help("remove it from one of the two services")
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_host_belongs_to_one_service() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, hosts: [api.internal]}
---
kind: Service
metadata: {name: b, namespace: shop}
spec:
  ports: {http: 80}
  hosts:
    - b.internal
    - api.internal # expect: M0206
",
        );
    }

    #[test]
    fn a_mesh_name_of_another_service_is_taken() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {ports: {http: 80}, hosts: [a.shop]} # expect: M0206
",
        );
    }
}
