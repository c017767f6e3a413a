use std::collections::BTreeSet;

use super::cases;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::Expectation;

/// The case can never hold.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1303),
    title: "no service has this version",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1303.md"),
};

pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    if program.tests.is_empty() {
        return;
    }
    let services = program.services.values();
    let versions = services.flat_map(|service| &service.spec.versions);
    let known: BTreeSet<&str> = versions.map(|it| it.name.value.as_str()).collect();
    for (_, case) in cases(program) {
        let Expectation::Forward(forward) = &case.expect else {
            continue;
        };
        for version in &forward.versions {
            let name = &version.name;
            if !known.contains(name.value.as_str()) {
                let message = format!("no service has a version `{}`", name.value);
                let found = Diagnostic::new(&INFO, name.span, message);
                out.push(found.help("declare it in `versions` of the service, or correct it"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check_cases;

    #[test]
    fn unknown_version() {
        check_cases(
            "
    - name: to the first
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {versions: {v1: 1}}}
    - name: to the second
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {versions: {v2: 1}}} # expect: M1303
",
        );
    }
}
