use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::TargetScope;

/// A gateway says whose routes it takes: who opens the edge is not for every team to say.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(216),
    title: "the gateway takes no routes of this namespace",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0216.md"),
};

/// Routes of gateways that do not attach their namespace.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (id, route) in &program.routes {
        let TargetScope::Gateway(reference) = &route.spec.target.scope else {
            continue;
        };
        let Some((gateway, object)) = program.gateway(&reference.value, &id.namespace) else {
            continue;
        };
        let attach = &object.spec.attach;
        let own = attach.is_empty() && gateway.namespace == id.namespace;
        if own || attach.iter().any(|it| it.value == id.namespace) {
            continue;
        }
        let message = format!("`{}` takes no routes of `{}`", gateway.name, id.namespace);
        let found = Diagnostic::new(&INFO, reference.span, message);
        let found = match attach.first() {
            Some(first) => found.label(first.span, "it takes those of"),
            None => found.label(object.name.span, "it takes those of its own namespace"),
        };
        out.push(found.help(format!("add `{}` to its `attach.namespaces`", id.namespace)));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn not_attached() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: open, namespace: shop}
spec: {service: reviews, allow: [{from: [{authenticated: true}]}]}
---
kind: Gateway
metadata: {name: edge, namespace: ops}
spec:
  listeners: [{name: web, port: 80, hosts: [shop.example]}]
  attach: {namespaces: [web]}
---
kind: Access
metadata: {name: edge, namespace: ops}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  gateway: edge.ops # expect: M0216
  hosts: [shop.example]
  rules: [{to: [{service: reviews}]}]
",
        );
    }
}
