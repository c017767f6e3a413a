use crate::algebra::{Finding, Undecided, Witness};
use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Rule;

/// The more specific rule decides. Where neither is, only the author can say.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(502),
    title: "two rules overlap and neither contains the other",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0502.md"),
};

/// Pairs of rules about one service that both may match, with different outcomes.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for routes in subject.lowered.routes.values() {
        let rules: Vec<&Rule> = routes.rules().map(|(written, _)| written).collect();
        for finding in &routes.findings {
            if let Finding::Conflict {
                first,
                second,
                example,
                equal,
            } = finding
            {
                let pair = [rules[*first], rules[*second]];
                out.push(found(pair, example.as_deref(), *equal));
            }
        }
    }
}

/// Points at the later of the two, in the order of files.
fn found(mut pair: [&Rule; 2], example: Result<&Witness, &Undecided>, equal: bool) -> Diagnostic {
    pair.sort_by_key(|rule| rule.span);
    let [first, second] = pair;
    let message = if equal {
        "two rules match the same requests and do different things"
    } else {
        "two rules overlap, neither contains the other, and they differ"
    };
    let both = match example {
        Ok(example) => format!("both match `{example}`"),
        Err(why) => format!("some request may match both: {why}"),
    };
    Diagnostic::new(&INFO, head(second), message)
        .marked(both)
        .label(head(first), "the other rule")
        .help("narrow a `match`, add a rule for the overlap, or write `priority: 1` on one")
}

/// Where a rule is pointed at: its name, or where it begins.
pub(super) fn head(rule: &Rule) -> crate::diagnostic::Span {
    rule.name.as_ref().map_or_else(
        || crate::diagnostic::Span {
            end: rule.span.start + 1,
            ..rule.span
        },
        |name| name.span,
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    const SERVICE: &str = "
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: {http: 80}, versions: {v1: {}, v2: {}, v3: {}}}
---
";

    fn rules(text: &str) {
        check(&format!(
            "{SERVICE}kind: Route
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  rules:
    - {{name: rest, to: [{{version: v3}}]}}
{text}"
        ));
    }

    #[test]
    fn a_header_and_a_path_overlap() {
        rules(
            "
    - name: everyone
      match: [{paths: [/reviews/**]}]
      to: [{version: v1}]
    - name: jason # expect: M0502
      match: [{headers: {end-user: jason}}]
      to: [{version: v2}]
",
        );
    }

    #[test]
    fn priority_settles_it() {
        rules(
            "
    - name: everyone
      match: [{paths: [/reviews/**]}]
      to: [{version: v1}]
    - name: jason
      priority: 1
      match: [{headers: {end-user: jason}}]
      to: [{version: v2}]
",
        );
    }

    #[test]
    fn a_rule_for_the_overlap_settles_it() {
        rules(
            "
    - name: everyone
      match: [{paths: [/reviews/**]}]
      to: [{version: v1}]
    - name: jason
      match: [{headers: {end-user: jason}}]
      to: [{version: v2}]
    - name: both
      match: [{paths: [/reviews/**], headers: {end-user: jason}}]
      to: [{version: v3}]
",
        );
    }

    #[test]
    fn what_a_star_stands_for_is_part_of_the_outcome() {
        rules(
            "
    - match: [{paths: [/a/*]}]
      rewrite: {path: /x/$1}
    - match: [{paths: [/*/b]}] # expect: M0502
      rewrite: {path: /x/$1}
",
        );
        rules(
            "
    - match: [{paths: [/a/*]}]
      rewrite: {path: /x}
    - match: [{paths: [/*/b]}]
      rewrite: {path: /x}
",
        );
    }

    #[test]
    fn rules_of_two_documents_are_compared() {
        check(&format!(
            "{SERVICE}kind: Route
metadata: {{name: a, namespace: shop}}
spec:
  service: a
  rules:
    - {{to: [{{version: v3}}]}}
    - match: [{{paths: [/x]}}]
      to: [{{version: v2}}]
---
kind: Route
metadata: {{name: b, namespace: shop}}
spec:
  service: a
  rules:
    - match: [{{paths: [/x]}}] # expect: M0502
      to: [{{version: v1}}]
"
        ));
    }

    #[test]
    fn callers_that_cannot_be_the_same_do_not_overlap() {
        rules(
            "
    - name: ops
      from: [{namespace: shop}]
      to: [{version: v1}]
    - name: named
      from: [{identity: spiffe://test.example/ns/dev/sa/ci}] # expect: M0601
      to: [{version: v2}]
",
        );
    }
}
