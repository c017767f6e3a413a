//! What a `PolicyTest` says that no mesh of these documents can ever be asked or answer.

mod case_twice;
mod no_issuer;
mod unknown_name;
mod unknown_reason;
mod unknown_rule;
mod unknown_version;

use crate::diagnostic::{CodeInfo, Diagnostic};
use crate::resolve::Program;
use crate::syntax::ast::{Case, Expectation, Object, PolicyTest, Spanned};

/// The codes of these findings.
pub(crate) const CODES: &[CodeInfo] = &[
    unknown_name::INFO,
    unknown_rule::INFO,
    unknown_version::INFO,
    unknown_reason::INFO,
    no_issuer::INFO,
    case_twice::INFO,
];

/// What is wrong with the cases themselves, in no order. Where a document is broken,
/// nothing is missing: it may be there.
pub(crate) fn check(program: &Program) -> Vec<Diagnostic> {
    let mut out = vec![];
    case_twice::check(program, &mut out);
    unknown_reason::check(program, &mut out);
    if program.is_complete() {
        unknown_name::check(program, &mut out);
        unknown_rule::check(program, &mut out);
        unknown_version::check(program, &mut out);
        no_issuer::check(program, &mut out);
    }
    out
}

fn cases(program: &Program) -> impl Iterator<Item = (&Object<PolicyTest>, &Case)> {
    program.tests.values().flat_map(|test| {
        let cases = test.spec.cases.iter();
        cases.map(move |case| (test.as_ref(), case))
    })
}

/// The rule that a case expects to decide.
fn expected_rule(case: &Case) -> Option<&Spanned<String>> {
    match &case.expect {
        Expectation::Forward(forward) => forward.rule.as_ref(),
        Expectation::Redirect { rule, .. }
        | Expectation::Respond { rule, .. }
        | Expectation::Refuse { rule, .. } => rule.as_ref(),
    }
}

/// What the tests of these findings have in common.
#[cfg(test)]
const SHOP: &str = "
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 80}
  versions: {v1: {}}
---
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules: [{name: everyone, to: [{version: v1}]}]
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow: [{name: page-reads, from: [{service: page}]}]
---
kind: PolicyTest
metadata: {name: reviews, namespace: shop}
spec:
  cases:
";

/// Checks cases in the shop above.
#[cfg(test)]
fn check_cases(cases: &str) {
    crate::testing::check(&format!("{SHOP}{cases}"));
}
