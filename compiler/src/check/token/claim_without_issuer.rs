use mesh_ir::{CallerMatch, Key, Scope};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{self, Spanned};

/// A token is looked for where an intent names its issuer; without one every claim is empty.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(930),
    title: "a claim is read and no token is asked for",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0930.md"),
};

/// Keys of claims in documents about a target of which nothing names an issuer.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let lowered = subject.lowered;
    for object in lowered.limits.values() {
        let Some(written) = subject.program.limits.get(&object.ir.id) else {
            continue;
        };
        let keys = written.spec.limits.iter().flat_map(|it| &it.per);
        look(subject, &object.ir.target.scope, keys, out);
    }
    for (scope, routes) in &lowered.routes {
        for (written, _) in routes.rules() {
            if let ast::Action::Forward(forward) = &written.action {
                look(subject, scope, forward.split_by.iter(), out);
            }
        }
    }
}

fn look<'k>(
    subject: &Subject<'_>,
    scope: &Scope,
    keys: impl Iterator<Item = &'k Spanned<Key>>,
    out: &mut Vec<Diagnostic>,
) {
    for key in keys {
        let Key::Claim(claim) = &key.value else {
            continue;
        };
        if is_asked(subject, scope) {
            return;
        }
        let message = format!("nothing here asks for a token, so `{claim}` is always empty");
        let found = Diagnostic::new(&INFO, key.span, message);
        out.push(
            found.help("name the issuer: `token: {issuer: …}` in a `from` of the same target"),
        );
    }
}

/// Whether an intent about the target names an issuer.
fn is_asked(subject: &Subject<'_>, scope: &Scope) -> bool {
    let lowered = subject.lowered;
    let about = |other: &Scope| match scope.subject() {
        Some(subject) => other.is_about(subject),
        None => other == scope,
    };
    let names = |from: &[CallerMatch]| {
        let mut any = false;
        for caller in from {
            caller.for_each_issuer(&mut |_| any = true);
        }
        any
    };
    let access = lowered
        .access
        .values()
        .filter(|it| about(&it.ir.target.scope));
    let limits = lowered
        .limits
        .values()
        .filter(|it| about(&it.ir.target.scope));
    let routes = lowered.routes.iter().filter(|(other, _)| about(other));
    access
        .into_iter()
        .any(|it| it.ir.rules().any(|rule| names(&rule.from)))
        || limits
            .into_iter()
            .any(|it| it.ir.limits.iter().any(|it| names(&it.from)))
        || routes
            .into_iter()
            .any(|(_, it)| it.rules().any(|(_, rule)| names(&rule.from)))
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn claim_without_issuer() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: RateLimit
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  limits:
    - rate: 10/s
      per:
        - claim:sub # expect: M0930
    - {rate: 1000/s}
",
        );
    }
}
