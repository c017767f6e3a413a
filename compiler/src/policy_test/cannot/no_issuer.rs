use super::cases;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// Nobody would read the claims.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(1305),
    title: "the claims of a case are of no issuer",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M1305.md"),
};

pub(super) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for (test, case) in cases(program) {
        let here = &test.namespace.value;
        let request = &case.request;
        let found = if let Some(issuer) = &request.issuer {
            let is_there = program.issuers.contains_key(&issuer.value.object(here));
            let message = format!("there is no token issuer `{}`", issuer.value);
            (!is_there).then(|| Diagnostic::new(&INFO, issuer.span, message))
        } else {
            let claims = request.claims.as_ref();
            let unread = claims.filter(|_| program.issuers.is_empty());
            unread.map(|claims| {
                let message = "claims without a token issuer: nobody would read them";
                Diagnostic::new(&INFO, claims.span, message)
            })
        };
        out.extend(found.map(|it| it.help("declare a `TokenIssuer`, or remove the claims")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::check_cases;

    #[test]
    fn no_issuer() {
        check_cases(
            "
    - name: with claims
      from: {service: page}
      request: {url: http://reviews.shop/, claims: {sub: ann}} # expect: M1305
      expect: {forward: {}}
    - name: of somebody
      from: {service: page}
      request: {url: http://reviews.shop/, issuer: corp, claims: {sub: ann}} # expect: M1305
      expect: {forward: {}}
",
        );
    }
}
