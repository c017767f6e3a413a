use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A number in a host chooses the port: it must choose one.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(401),
    title: "two ports of a service have one number",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0401.md"),
};

/// Ports of one service with the same number.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for service in subject.program.services.values() {
        let mut seen = BTreeMap::new();
        for port in &service.spec.ports {
            let number = port.number;
            let Some(first) = seen.insert(number.value, port) else {
                continue;
            };
            let message = format!("port {} is `{}` already", number.value, first.name.value);
            out.push(
                Diagnostic::new(&INFO, number.span, message)
                    .label(first.number.span, "taken here")
                    .help("callers choose a port by its number: give it another one"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_number_is_one_port() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec:
  ports:
    http: 80
    admin: {port: 80, protocol: http, targetPort: 81} # expect: M0401
",
        );
    }
}
