use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// Nobody looks for its tokens.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(931),
    title: "a token issuer is not used",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0931.md"),
};

/// Issuers that no entry of a `from` names.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let program = subject.program;
    if program.issuers.is_empty() || !program.is_complete() {
        return;
    }
    let mut used = std::collections::BTreeSet::new();
    for entry in program.entries() {
        for caller in entry.callers() {
            if let Some(token) = &caller.token {
                used.insert(token.issuer.value.object(entry.namespace));
            }
        }
    }
    for (id, issuer) in &program.issuers {
        if !used.contains(id) {
            let message = format!("no entry of a `from` asks for a token of `{}`", id.name);
            let found = Diagnostic::new(&INFO, issuer.name.span, message);
            out.push(found.help("name it in `token: {issuer: …}`, or remove it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn unused_issuer() {
        check(
            r#"
kind: TokenIssuer
metadata: {name: corp, namespace: shop} # expect: M0931
spec:
  issuer: https://id.example
  audiences: [shop]
  keys: {inline: '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'}
"#,
        );
    }
}
