use serde_json::Value;

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};
use crate::syntax::ast::Keys;

/// Without a key that can be read no token is ever valid.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(933),
    title: "the inline keys are no key set",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0933.md"),
};

/// `keys.inline` that is not a JSON Web Key Set (RFC 7517) with public keys.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    for issuer in subject.program.issuers.values() {
        let Keys::Inline(text) = &issuer.spec.keys else {
            continue;
        };
        if let Err(why) = judge(&text.value) {
            let found = Diagnostic::new(&INFO, text.span, why);
            out.push(
                found.help("write `{\"keys\": […]}` with the public keys, as the issuer serves it"),
            );
        }
    }
}

fn judge(text: &str) -> Result<(), &'static str> {
    let set: Value = serde_json::from_str(text).map_err(|_| "these keys are not JSON")?;
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or("this JSON has no list `keys`")?;
    if keys.is_empty() {
        return Err("this set has no keys");
    }
    let kind = |key: &Value| key.get("kty").and_then(Value::as_str).map(str::to_owned);
    if keys.iter().any(|key| kind(key).is_none()) {
        return Err("one of these keys has no type `kty`");
    }
    if keys.iter().any(|key| kind(key).as_deref() == Some("oct")) {
        return Err("one of these keys is symmetric: whoever checks could sign");
    }
    if keys.iter().any(|key| key.get("d").is_some()) {
        return Err("one of these keys is private");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn inline_keys_unreadable() {
        check(
            r#"
kind: TokenIssuer
metadata: {name: corp, namespace: shop}
spec:
  issuer: https://id.example
  audiences: [shop]
  keys:
    inline: '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}' # expect: M0933
---
kind: Service
metadata: {name: reviews, namespace: shop}
spec: {ports: {http: 80}}
---
kind: Access
metadata: {name: reviews, namespace: shop}
spec: {service: reviews, allow: [{from: [{authenticated: true, token: {issuer: corp}}]}]}
"#,
        );
    }
}
