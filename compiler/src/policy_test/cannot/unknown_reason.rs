use mesh_decide::Reason;

use super::cases;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;
use crate::syntax::ast::Expectation;

/// No refusal has it.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1304),
    title: "no refusal has this reason",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1304.md"),
};

const REASONS: [Reason; 11] = [
    Reason::BadRequest,
    Reason::Access,
    Reason::NotVisible,
    Reason::NoRoute,
    Reason::NoPort,
    Reason::NoEndpoint,
    Reason::RateLimit,
    Reason::Token,
    Reason::Authorizer,
    Reason::Mtls,
    Reason::Fault,
];

pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (_, case) in cases(program) {
        let Expectation::Refuse {
            reason: Some(reason),
            ..
        } = &case.expect
        else {
            continue;
        };
        if !REASONS.iter().any(|it| it.as_str() == reason.value) {
            let message = format!("no refusal has the reason `{}`", reason.value);
            let known = REASONS.map(Reason::as_str).join(", ");
            let found = Diagnostic::new(&INFO, reason.span, message);
            out.push(found.help(format!("one of: {known}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check_cases;

    #[test]
    fn unknown_reason() {
        check_cases(
            "
    - name: refused
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {refuse: {reason: acess}} # expect: M1304
    - name: refused too
      from: {service: page}
      request: {url: http://reviews.shop/}
      expect: {refuse: {reason: not-visible}}
",
        );
    }
}
