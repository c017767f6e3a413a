use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Two versions with the same labels are the same endpoints, so that weights
/// between them mean nothing.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(402),
    title: "two versions select the same endpoints",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0402.md"),
};

/// Versions of one service with equal labels.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for service in subject.program.services.values() {
        let mut seen = BTreeMap::new();
        for version in &service.spec.versions {
            let Some(first) = seen.insert(&version.labels, &version.name) else {
                continue;
            };
            let (name, other) = (&version.name.value, &first.value);
            let message = format!("versions `{other}` and `{name}` have the same labels");
            out.push(
                Diagnostic::new(&INFO, version.name.span, message)
                    .label(first.span, "the other one")
                    .help("give one of them labels of its own"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn versions_differ_in_labels() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports: {http: 80}
  versions:
    v1: {}
    v2: {labels: {version: v1}} # expect: M0402
    v3: {}
",
        );
    }
}
