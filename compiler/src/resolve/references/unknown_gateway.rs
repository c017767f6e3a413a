use super::every::{Of, every};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// A name that no `Gateway` has: whatever was meant, it is not what would happen.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(213),
    title: "no such gateway",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0213.md"),
};

/// Places that name a gateway that is not there.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for it in every(program).iter().filter(|it| it.of == Of::Gateway) {
        let id = it.reference.value.resolve(it.here);
        let mut known = program.gateways.keys();
        if known.any(|known| (&known.namespace, &known.name) == (&id.namespace, &id.name))
            || program.may_be_broken(&id)
        {
            continue;
        }
        let found = Diagnostic::new(
            &INFO,
            it.reference.span,
            format!("there is no gateway `{id}`"),
        );
        let mut all = program.gateways.keys();
        let elsewhere = all.find(|known| known.name == id.name);
        let names = program
            .gateways
            .keys()
            .filter(|it| it.namespace == id.namespace);
        let near = crate::syntax::closest(id.name.as_str(), names.map(|it| it.name.as_str()));
        out.push(match (elsewhere, near) {
            (Some(other), _) => found.help(format!(
                "did you mean `{}.{}`?",
                other.name, other.namespace
            )),
            (None, Some(near)) => found.help(format!("did you mean `{near}`?")),
            (None, None) => {
                found.help("write a `Gateway` for it, or `name.namespace` for another namespace")
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn unknown_gateway() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {listeners: [{name: web, port: 80, hosts: [shop.example]}]}
---
kind: Access
metadata: {name: open, namespace: shop}
spec: {service: reviews, allow: [{from: [{authenticated: true}]}]}
---
kind: Access
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, allow: [{from: [{anyone: true, reason: a public site}]}]}
---
kind: Route
metadata: {name: edge, namespace: shop}
spec: {gateway: edge, hosts: [shop.example], rules: [{to: [{service: reviews}]}]}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  gateway: egde # expect: M0213
  hosts: [shop.example]
  rules: [{to: [{service: reviews}]}]
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - from: [{gateway: edge.ops}] # expect: M0213
",
        );
    }
}
