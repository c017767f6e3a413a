use std::collections::BTreeSet;

use super::{cases, expected_rule};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// The case can never hold.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1302),
    title: "no entry has this name",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1302.md"),
};

pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    if program.tests.is_empty() {
        return;
    }
    let names = names(program);
    for (_, case) in cases(program) {
        let Some(rule) = expected_rule(case) else {
            continue;
        };
        if !names.contains(rule.value.as_str()) && !is_hash(&rule.value) {
            let message = format!("no entry of a rule is named `{}`", rule.value);
            let found = Diagnostic::new(&INFO, rule.span, message);
            out.push(found.help("write the `name` of an entry of `rules`, `allow` or `deny`"));
        }
    }
}

fn names(program: &Program) -> BTreeSet<&str> {
    let routes = program.routes.values().map(|it| &it.spec);
    let rules = routes.flat_map(|route| route.rules.iter().map(|rule| &rule.name));
    let access = program.access.values().map(|it| &it.spec);
    let entries = access.flat_map(|access| {
        let entries = access.allow.iter().chain(&access.deny).chain(&access.audit);
        entries.map(|entry| &entry.name)
    });
    let limits = program.limits.values().map(|it| &it.spec);
    let limits = limits.flat_map(|it| it.limits.iter().map(|limit| &limit.name));
    let all = rules.chain(entries).chain(limits).flatten();
    all.map(|name| name.value.as_str()).collect()
}

/// Whether it is what a nameless entry is called, by its content.
fn is_hash(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::check_cases;

    #[test]
    fn unknown_rule() {
        check_cases(
            "
    - name: by the route's rule
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {rule: everyone}}
    - name: by the access's entry
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {rule: page-reads}}
    - name: by nothing
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {forward: {rule: everybody}} # expect: M1302
",
        );
    }
}
