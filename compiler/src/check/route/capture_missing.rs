use mesh_decide::regex_groups;
use mesh_ir::{Key, PathPattern};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity, Span};
use crate::syntax::ast::{Action, PathTemplate, RequestMatch, Spanned};

/// `$1` is what a star of the matched path was: every path that may match has it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(507),
    title: "a capture that not every matched path has",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0507.md"),
};

/// `$n` in `rewrite`, `redirect`, `splitBy` and `per` beyond what `match` captures.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for route in subject.program.routes.values() {
        for rule in &route.spec.rules {
            let mut used = Vec::new();
            match &rule.action {
                Action::Forward(forward) => {
                    let path = forward.rewrite.as_ref().and_then(|it| it.path.as_ref());
                    used.extend(path.into_iter().flat_map(captures));
                    used.extend(keys(&forward.split_by));
                }
                Action::Redirect(redirect) => {
                    used.extend(redirect.path.iter().flat_map(captures));
                }
                Action::Respond(_) => {}
            }
            judge(&rule.matches, &used, out);
        }
    }
    for limits in subject.program.limits.values() {
        for limit in &limits.spec.limits {
            judge(&limit.matches, &keys(&limit.per), out);
        }
    }
}

fn captures(template: &Spanned<PathTemplate>) -> Vec<(u8, Span)> {
    let all = template.value.captures.iter();
    all.map(|capture| (*capture, template.span)).collect()
}

fn keys(keys: &[Spanned<Key>]) -> Vec<(u8, Span)> {
    keys.iter()
        .filter_map(|key| match key.value {
            Key::Capture(capture) => Some((capture, key.span)),
            _ => None,
        })
        .collect()
}

fn judge(matches: &[RequestMatch], used: &[(u8, Span)], out: &mut Vec<Diagnostic>) {
    let Some((most, at)) = used.iter().max_by_key(|(capture, _)| *capture) else {
        return;
    };
    let message = format!("not every matched path has a `${most}`");
    if matches.is_empty() {
        out.push(
            Diagnostic::new(&INFO, *at, message)
                .help("write a `match` whose paths have stars, such as `/reviews/*`"),
        );
        return;
    }
    for entry in matches {
        let paths = || entry.paths.iter().chain(&entry.grpc);
        let short = paths().find(|path| groups(&path.value) < usize::from(*most));
        let place = match short {
            Some(path) => path.span,
            None if paths().next().is_none() => entry.span,
            None => continue,
        };
        out.push(
            Diagnostic::new(&INFO, *at, message.clone())
                .label(place, "not this one")
                .help("the stars of a path, or the groups of a regex, count from `$1`"),
        );
        return;
    }
}

/// A regex that cannot be read has its own finding and is taken to have all.
fn groups(pattern: &PathPattern) -> usize {
    match pattern {
        PathPattern::Regex(regex) => regex_groups(regex).unwrap_or(9),
        PathPattern::Segments { .. } => pattern.captures().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn every_path_has_the_capture() {
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
    - match: [{paths: [/a/*/b, /b/*]}]
      redirect: {path: /c/$1}
    - match: [{paths: [/c/*, /d]}]
      redirect: {path: /c/$1} # expect: M0507
    - match: [{paths: [{regex: '/e/([0-9]+)'}]}]
      rewrite: {path: /e/$2} # expect: M0507
---
kind: RateLimit
metadata: {name: a, namespace: shop}
spec:
  service: a
  limits:
    - {rate: 10/s}
    - {rate: 4/s, match: [{paths: [/a/*]}], per: ['$1']}
    - {rate: 5/s, per: ['$1']} # expect: M0507
",
        );
    }
}
