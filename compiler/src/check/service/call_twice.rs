use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Two bounds for one callee: which one holds would depend on their order.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(404),
    title: "`calls` names a service twice",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0404.md"),
};

/// Entries of `calls` about one service.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for (id, service) in &subject.program.services {
        let mut seen = BTreeMap::new();
        for call in service.spec.calls.iter().flatten() {
            let Some(written) = call.service() else {
                continue;
            };
            let callee = written.value.resolve(&id.namespace);
            let message = format!("`calls` names `{callee}` twice");
            if let Some(first) = seen.insert(callee, written.span) {
                out.push(
                    Diagnostic::new(&INFO, written.span, message)
                        .label(first, "the first is here")
                        .help("merge the two entries"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_callee_is_named_once() {
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
spec:
  calls:
    - {service: a}
    - {service: a.shop, timeout: 1s} # expect: M0404
",
        );
    }
}
