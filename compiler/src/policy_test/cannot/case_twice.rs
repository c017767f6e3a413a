use std::collections::BTreeMap;

use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// Reports could not tell the two apart.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1306),
    title: "two cases of a test have one name",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1306.md"),
};

pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for test in program.tests.values() {
        let mut seen = BTreeMap::new();
        for case in &test.spec.cases {
            let name = &case.name;
            if let Some(first) = seen.insert(&name.value, name.span) {
                let message = format!("the case `{}` is there twice", name.value);
                let found = Diagnostic::new(&INFO, name.span, message);
                let found = found.label(first, "the other one");
                out.push(found.help("say what is different about it"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check_cases;

    #[test]
    fn case_twice() {
        check_cases(
            "
    - name: it reads
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {}}
    - name: it reads # expect: M1306
      from: {service: page}
      request: {url: http://reviews.shop/1}
      expect: {forward: {}}
",
        );
    }
}
