use super::every::{Of, every};
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::resolve::Program;

/// A name that no `TokenIssuer` has: whatever was meant, it is not what would happen.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(215),
    title: "no such token issuer",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0215.md"),
};

/// Places that name a token issuer that is not there.
pub(in crate::resolve) fn check(program: &Program, out: &mut Vec<Diagnostic>) {
    for it in every(program).iter().filter(|it| it.of == Of::Issuer) {
        let id = it.reference.value.resolve(it.here);
        let mut known = program.issuers.keys();
        if known.any(|known| (&known.namespace, &known.name) == (&id.namespace, &id.name))
            || program.may_be_broken(&id)
        {
            continue;
        }
        let found = Diagnostic::new(
            &INFO,
            it.reference.span,
            format!("there is no token issuer `{id}`"),
        );
        let mut all = program.issuers.keys();
        let elsewhere = all.find(|known| known.name == id.name);
        let names = program
            .issuers
            .keys()
            .filter(|it| it.namespace == id.namespace);
        let near = crate::syntax::closest(id.name.as_str(), names.map(|it| it.name.as_str()));
        out.push(match (elsewhere, near) {
            (Some(other), _) => found.help(format!(
                "did you mean `{}.{}`?",
                other.name, other.namespace
            )),
            (None, Some(near)) => found.help(format!("did you mean `{near}`?")),
            (None, None) => found
                .help("write a `TokenIssuer` for it, or `name.namespace` for another namespace"),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn unknown_token_issuer() {
        check(
            "
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - from:
        - {authenticated: true, token: {issuer: corp}} # expect: M0215
",
        );
    }
}
