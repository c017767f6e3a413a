use mesh_ir::PathPattern;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::{Action, PathTemplate, RequestMatch, Spanned};

/// A trailing `/**` of a new path is what the trailing `/**` of the old one matched.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(508),
    title: "a `/**` that not every matched path has",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0508.md"),
};

/// `/**` in `rewrite` and `redirect` where a path of `match` does not end in it.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for route in subject.program.routes.values() {
        for rule in &route.spec.rules {
            let template = match &rule.action {
                Action::Forward(forward) => {
                    forward.rewrite.as_ref().and_then(|it| it.path.as_ref())
                }
                Action::Redirect(redirect) => redirect.path.as_ref(),
                Action::Respond(_) => None,
            };
            out.extend(template.and_then(|it| judge(&rule.matches, it)));
        }
    }
}

fn judge(matches: &[RequestMatch], template: &Spanned<PathTemplate>) -> Option<Diagnostic> {
    if !template.value.below {
        return None;
    }
    let found = Diagnostic::new(
        &INFO,
        template.span,
        "not every matched path ends in `/**`, and this does",
    )
    .help("end every path of `match` in `/**`, or take it away here");
    if matches.is_empty() {
        return Some(found);
    }
    matches.iter().find_map(|entry| {
        let paths = || entry.paths.iter().chain(&entry.grpc);
        let other = paths().find(|path| !ends_below(&path.value));
        match other {
            Some(path) => Some(found.clone().label(path.span, "not this one")),
            None if paths().next().is_none() => Some(found.clone().label(entry.span, "not this")),
            None => None,
        }
    })
}

fn ends_below(pattern: &PathPattern) -> bool {
    matches!(pattern, PathPattern::Segments { below: true, .. })
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn the_tail_comes_from_the_match() {
        check(
            "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Route
metadata: {name: a, namespace: shop}
spec:
  service: a
  rules:
    - match: [{paths: [/old/**]}]
      redirect: {path: /new/**}
    - match: [{paths: [/a/**, /b]}]
      rewrite: {path: /v1/**} # expect: M0508
",
        );
    }
}
