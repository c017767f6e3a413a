use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Section;
use crate::syntax::ast::Who;

/// Opening something to everybody is said with why, where a reviewer sees it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(604),
    title: "`anyone` without a reason",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0604.md"),
};

/// `anyone` in an `allow` entry, without `reason`.
pub(super) fn check(subject: &Subject<'_, '_>, out: &mut Vec<Diagnostic>) {
    let allow = subject
        .program
        .entries()
        .filter(|it| it.section == Section::Allow);
    for caller in allow.flat_map(|entry| entry.from) {
        if matches!(caller.who, Who::Anyone(_)) && caller.reason.is_none() {
            out.push(
                Diagnostic::new(&INFO, caller.span, "`anyone` needs a `reason` in an allow entry")
                    .help("write `{anyone: true, reason: …}`, or `authenticated: true`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn opening_to_everybody_needs_a_reason() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: a, namespace: shop}
spec:
  service: a
  allow:
    - from: [{anyone: true, reason: public site}]
    - from: [{anyone: true}] # expect: M0604
      match: [{paths: [/x]}]
  deny:
    - from: [{anyone: true, not: [{namespace: shop}]}]
      match: [{paths: [/admin/**]}]
",
        );
    }
}
