use std::collections::BTreeMap;

use mesh_ir::{Action, RetryPolicy, ServiceRef};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Call;

/// Each service of a chain that tries again makes several requests of one: when the
/// last one is ill, it gets their product, just then.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(516),
    title: "retries multiply along a chain of calls",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0516.md"),
};

/// How many requests one may become.
const MOST: u64 = 16;

/// Chains of `calls` along which one request may become too many, at the call by
/// which it first does. Retries that cannot have reached the application do not count.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let mut known = BTreeMap::new();
    for (id, service) in &subject.program.services {
        for call in service.spec.calls.iter().flatten() {
            let Some((tries, below)) = tries(subject, id, call, &mut known) else {
                continue;
            };
            let most = tries.saturating_mul(below);
            if below > MOST || most <= MOST {
                continue;
            }
            let message = format!("one request here may become {most} at the end of the chain");
            out.push(
                Diagnostic::new(&INFO, call.span, message)
                    .marked(format!("{tries} here, {below} below"))
                    .help("lower `retries.attempts` of this call or of the routes below it"),
            );
        }
    }
}

/// How often a call is tried, and how many requests each try becomes below.
fn tries(
    subject: &Subject<'_>,
    caller: &ServiceRef,
    call: &Call,
    known: &mut BTreeMap<ServiceRef, u64>,
) -> Option<(u64, u64)> {
    let reference = call.service()?;
    let callee = reference.value.resolve(&caller.namespace);
    let attempts = attempts(subject, &callee)?;
    let bound = call.attempts.as_ref().map_or(u32::MAX, |it| it.value);
    let tries = 1 + u64::from(attempts.min(bound));
    Some((tries, below(subject, &callee, known)))
}

/// How many requests one to a service becomes below it. A circle counts once.
fn below(subject: &Subject<'_>, id: &ServiceRef, known: &mut BTreeMap<ServiceRef, u64>) -> u64 {
    if let Some(most) = known.get(id) {
        return *most;
    }
    known.insert(id.clone(), 1);
    let service = subject.program.services.get(id);
    let calls = service.and_then(|it| it.spec.calls.as_ref());
    let mut most = 1;
    for call in calls.into_iter().flatten() {
        if let Some((tries, below)) = tries(subject, id, call, known) {
            most = most.max(tries.saturating_mul(below));
        }
    }
    known.insert(id.clone(), most);
    most
}

/// The most retries with which a service is called, of those that may reach it.
fn attempts(subject: &Subject<'_>, id: &ServiceRef) -> Option<u32> {
    let service = subject.lowered.services.get(id)?;
    let reaching = |retries: &RetryPolicy| {
        let reaches = retries.on.iter().any(|on| !on.is_always_safe());
        if reaches { retries.attempts } else { 0 }
    };
    let Some(routes) = subject.lowered.routes_of(id) else {
        return Some(reaching(&service.retries));
    };
    let forwards = routes.rules().filter_map(|(_, rule)| match &rule.action {
        Action::Forward(forward) => Some(reaching(&forward.retries)),
        Action::Respond(_) | Action::Redirect(_) => None,
    });
    forwards.max()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_chain_of_three_retries_is_told_where_it_grows_too_long() {
        let service = |name: &str, calls: &str| {
            format!(
                "
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{ports: {{http: 80}}{calls}}}
---
kind: Route
metadata: {{name: {name}, namespace: shop}}
spec:
  service: {name}
  rules: [{{retries: {{attempts: 2, retryOn: [5xx]}}}}]
---"
            )
        };
        let text = [
            service("a", ""),
            service("b", ", calls: [{service: a}]"),
            service("c", ", calls: [{service: b}]"),
            "
kind: Service
metadata: {name: page, namespace: shop}
spec:
  calls:
    - {service: c} # expect: M0516
    - {service: b}
---
kind: Service
metadata: {name: calm, namespace: shop}
spec:
  calls:
    - {service: c, retries: {attempts: 0}}
---
kind: Access
metadata: {name: all, namespace: shop}
spec: {all: namespace, allow: [{from: [{namespace: shop}]}]}
"
            .to_owned(),
        ];
        check(&text.concat());
    }
}
