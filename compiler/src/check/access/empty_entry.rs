use mesh_ir::Kind;

use super::undecided;
use crate::algebra::{Cover, Mode, cover};
use crate::check::Subject;
use crate::check::sets::{access_rule, universe};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// An entry about nothing opens nothing and refuses nothing, whatever its author meant.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(604),
    title: "an entry that no request can match",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0604.md"),
};

/// Entries of `allow`, `deny` and `audit` whose conditions exclude each other.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for access in subject.lowered.access.values() {
        let target = &access.ir.target;
        if subject.is_crowded(Kind::Access, &target.scope) {
            continue;
        }
        let allow = access.allow().map(|it| (it, Mode::Allow));
        let deny = access.deny().map(|it| (it, Mode::Deny));
        let audit = access.audit().map(|it| (it, Mode::Deny));
        for ((written, rule), mode) in allow.chain(deny).chain(audit) {
            let at = written.name.as_ref().map_or(written.span, |name| name.span);
            let rule = access_rule(subject, target, rule, mode);
            match cover(&rule, &[], universe(subject, target)) {
                Ok(Cover::Empty) => out.push(
                    Diagnostic::new(&INFO, at, "no request can match this entry")
                        .help("look at what it demands and what its `not` takes away"),
                ),
                Ok(Cover::Open | Cover::Covered(_)) => {}
                Err(why) => out.extend(undecided::found(at, &why)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn what_a_not_takes_away_may_be_everything() {
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
    - name: none # expect: M0604
      from: [{namespace: shop}]
      match: [{paths: [/API/v1], not: [{paths: [/api/**]}]}]
    - name: some
      from: [{namespace: shop}]
      match: [{paths: [/api/**], not: [{paths: [/api/v1]}]}]
    - name: nobody # expect: M0604
      from: [{namespace: shop, not: [{authenticated: true}]}] # expect: M0601
  deny:
    - name: exactly
      match: [{paths: [/API/v1], not: [{paths: [/api/**]}]}]
",
        );
    }

    #[test]
    fn an_audit_of_nothing_notes_nothing() {
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
  allow: [{from: [{namespace: shop}]}]
  audit:
    - match: [{methods: [PUT], not: [{methods: [PUT, POST]}]}] # expect: M0604
    - match: [{methods: [DELETE]}]
",
        );
    }
}
