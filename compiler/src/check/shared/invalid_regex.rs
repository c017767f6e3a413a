use mesh_decide::regex_groups;
use mesh_ir::{PathPattern, ValueMatch};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};

/// A regex that a proxy could not run, or only with an automaton without bound.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(211),
    title: "the regex cannot be used",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0211.md"),
};

/// Every regex of every `match`.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for entry in subject.program.entries() {
        for matching in entry.all_matches() {
            for path in &matching.paths {
                if let PathPattern::Regex(pattern) = &path.value {
                    out.extend(invalid(pattern, path.span));
                }
            }
            let named = [&matching.headers, &matching.query, &matching.cookies];
            for condition in named.into_iter().flatten() {
                if let ValueMatch::Regex(pattern) = &condition.value.value {
                    out.extend(invalid(pattern, condition.value.span));
                }
            }
        }
    }
}

fn invalid(pattern: &str, at: Span) -> Option<Diagnostic> {
    let error = regex_groups(pattern).err()?;
    let why = error.to_string();
    let first = why.lines().last().unwrap_or_default().trim();
    Some(
        Diagnostic::new(&INFO, at, "this regex cannot be used")
            .marked(first.to_owned())
            .help("RE2 syntax, without look-around or back references, and of bounded size"),
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn look_around_and_open_groups_are_refused() {
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
    - from: [{namespace: shop}]
      match:
        - paths:
            - {regex: '/a(?=b)'} # expect: M0211
            - {regex: '/a[0-9]+'}
          headers:
            x-a: {regex: '('} # expect: M0211
",
        );
    }
}
