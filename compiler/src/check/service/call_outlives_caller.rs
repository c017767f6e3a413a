use std::time::Duration;

use mesh_ir::{Action, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Who waits longer for a callee than anybody waits for them, answers nobody.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(403),
    title: "a call may take longer than its caller has",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0403.md"),
};

/// `calls` with a timeout above the longest that a route gives the caller itself.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (id, service) in &subject.program.services {
        let Some(calls) = &service.spec.calls else {
            continue;
        };
        let Some(longest) = longest(subject, id) else {
            continue;
        };
        for call in calls {
            let Some(timeout) = call.timeout else {
                continue;
            };
            if timeout.value.is_some_and(|it| it <= longest) {
                continue;
            }
            let message = format!(
                "a caller of `{}` waits {longest:?} at most, this longer",
                id.name
            );
            out.push(
                Diagnostic::new(&INFO, timeout.span, message)
                    .help(format!("give the call less than {longest:?}")),
            );
        }
    }
}

/// The longest timeout of the service's own; `None` where one has no bound or
/// nobody calls it.
fn longest(subject: &Subject<'_>, id: &ServiceRef) -> Option<Duration> {
    let service = subject.lowered.services.get(id)?;
    if !service.ports.iter().any(|port| port.protocol.is_http()) {
        return None;
    }
    let Some(routes) = subject.lowered.routes_of(id) else {
        return service.timeout;
    };
    let forwards = routes.rules().filter_map(|(_, rule)| match &rule.action {
        Action::Forward(forward) => Some(forward.timeout),
        Action::Respond(_) | Action::Redirect(_) => None,
    });
    let all: Option<Vec<Duration>> = forwards.collect();
    all?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_child_does_not_have_more_time_than_its_parent() {
        check(
            "
kind: Access
metadata: {name: all, namespace: shop}
spec: {all: namespace, allow: [{from: [{authenticated: true}]}]}
---
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: b, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Service
metadata: {name: page, namespace: shop}
spec:
  ports: {http: 80}
  calls:
    - {service: a, timeout: 5s} # expect: M0403
    - {service: b, timeout: 1s}
---
kind: Route
metadata: {name: page, namespace: shop}
spec:
  service: page
  rules: [{timeout: 2s}]
",
        );
    }
}
