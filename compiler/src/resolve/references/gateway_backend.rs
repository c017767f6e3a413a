use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::{Action, BackendTarget, TargetScope};

/// A gateway is not what is called and has no versions; neither has what is outside.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(220),
    title: "a rule of a gateway or of an external service sends nowhere",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0220.md"),
};

/// Rules of a gateway without `to`, and versions where there are none.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for route in program.routes.values() {
        let gateway = match &route.spec.target.scope {
            TargetScope::Gateway(_) => true,
            TargetScope::External(_) => false,
            TargetScope::Service(_) | TargetScope::All(_) => continue,
        };
        for rule in &route.spec.rules {
            let Action::Forward(forward) = &rule.action else {
                continue;
            };
            if gateway && forward.to.is_empty() {
                let message = "this rule does not say where a gateway sends its requests";
                let found = Diagnostic::new(&INFO, rule.span.start(), message);
                out.push(found.help("add `to: [{service: …}]`, or `respond` or `redirect`"));
            }
            let backends = forward.to.iter().chain(&forward.fallback);
            let targets = backends.map(|it| &it.target);
            for target in targets.chain(forward.mirror.iter().map(|it| &it.target)) {
                if let BackendTarget::Version(version) = target {
                    let what = if gateway {
                        "a gateway"
                    } else {
                        "an external service"
                    };
                    let message = format!("{what} has no version `{}`", version.value);
                    let found = Diagnostic::new(&INFO, version.span, message);
                    out.push(found.help("name a service; its own Route chooses the version"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn gateway_sends_nowhere() {
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
spec:
  gateway: edge
  hosts: [shop.example]
  rules:
    - match: [{paths: [/reviews/**]}]
      to: [{service: reviews}]
    - {name: rest, timeout: 2s} # expect: M0220
    - match: [{paths: [/next/**]}]
      to:
        - {version: v2} # expect: M0220
",
        );
    }
}
