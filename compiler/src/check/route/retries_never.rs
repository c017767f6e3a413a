use crate::check::Subject;
use crate::check::subject::forward;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{RequestMatch, Retries, Rule};

/// What may have reached the application is repeated only where that is safe; a
/// rule about requests that never are asks for something that does not happen.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(505),
    title: "retries that never happen",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0505.md"),
};

/// RFC 9110 section 9.2.2.
const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"];

/// `retryOn` of what reached the application, where no matched method is idempotent.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for route in subject.program.routes.values() {
        for rule in &route.spec.rules {
            let retries = forward(rule).and_then(|it| it.retries.as_ref());
            out.extend(retries.and_then(|retries| judge(rule, retries)));
        }
    }
}

fn judge(rule: &Rule, retries: &Retries) -> Option<Diagnostic> {
    let declared = retries.idempotent.is_some_and(|it| it.value);
    if declared || rule.matches.is_empty() || !rule.matches.iter().all(never_idempotent) {
        return None;
    }
    let unsafe_on = retries
        .retry_on
        .iter()
        .find(|it| !it.value.is_always_safe())?;
    let message = "no request of this rule may be repeated once it was sent";
    Some(
        Diagnostic::new(&INFO, unsafe_on.span, message)
            .label(rule.matches[0].span, "these methods are not idempotent")
            .help("write `idempotent: true` if repeating them does no harm"),
    )
}

fn never_idempotent(entry: &RequestMatch) -> bool {
    if !entry.grpc.is_empty() {
        return true;
    }
    !entry.methods.is_empty()
        && !entry
            .methods
            .iter()
            .any(|method| IDEMPOTENT.contains(&method.value.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_post_is_not_repeated_unless_the_author_says_so() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - match: [{methods: [POST], paths: [/a]}]
      retries: {retryOn: [connect-failure, 5xx]} # expect: M0505
    - match: [{methods: [POST], paths: [/b]}]
      retries: {retryOn: [5xx], idempotent: true}
    - match: [{methods: [POST], paths: [/c]}]
      retries: {retryOn: [connect-failure]}
    - match: [{paths: [/d]}]
      retries: {retryOn: [5xx]}
",
        );
    }
}
